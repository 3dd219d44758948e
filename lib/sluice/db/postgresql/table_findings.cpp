#include "sluice/db/engine_findings.h"

#include <fmt/format.h>

#include <string>

namespace sluice {

namespace {

struct Statistics {
    bool was_analyzed = false;
    bool has_autovacuum = true;
    int fillfactor = 100;
    std::int64_t live = 0;
    std::int64_t dead = 0;
    std::int64_t updated = 0;
    std::int64_t updated_hot = 0;
};

std::int64_t number_in(const Value& value)
{
    return std::stoll(value.value_or("0"));
}

/// Nothing of a table that is not there yet.
std::optional<Statistics> read_statistics(Session& session, const std::string& table)
{
    const Rows rows = session.query(
        "SELECT c.reltuples >= 0, current_setting('autovacuum')::bool AND NOT EXISTS (SELECT 1 "
        "FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_enabled' AND NOT "
        "option_value::bool), coalesce((SELECT option_value FROM "
        "pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), '100'), "
        "s.n_live_tup, s.n_dead_tup, s.n_tup_upd, s.n_tup_hot_upd FROM pg_class c LEFT JOIN "
        "pg_stat_user_tables s ON s.relid = c.oid WHERE c.oid = to_regclass(" +
        session.dialect().literal(table) + ")");
    if (rows.empty()) {
        return std::nullopt;
    }
    const Row& row = rows[0];
    return Statistics{.was_analyzed = row[0] == "t",
                      .has_autovacuum = row[1] == "t",
                      .fillfactor = static_cast<int>(number_in(row[2])),
                      .live = number_in(row[3]),
                      .dead = number_in(row[4]),
                      .updated = number_in(row[5]),
                      .updated_hot = number_in(row[6])};
}

void add_vacuum(std::vector<Finding>& findings, const Statistics& found, const std::string& name,
                const std::string& quoted)
{
    if (!found.was_analyzed) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "never_analyzed",
             .found = fmt::format("table \"{}\" was never analyzed", name),
             .harm = "nobody knows how many rows it has: no estimate of when a backfill ends, and "
                     "the planner guesses",
             .remedy = "ANALYZE " + quoted});
    }
    if (!found.has_autovacuum) {
        findings.push_back(
            {.severity = Severity::problem,
             .check = "autovacuum_off",
             .found = fmt::format("autovacuum is off for table \"{}\"", name),
             .harm = "a backfill leaves a dead row for each that it changes, and nobody removes "
                     "them",
             .remedy = fmt::format("ALTER TABLE {} RESET (autovacuum_enabled), and autovacuum = on "
                                   "for the server",
                                   quoted)});
    }
    constexpr std::int64_t few = 1'000;
    constexpr std::int64_t share = 5;
    if (found.dead > few && found.dead * share > found.live + found.dead) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "dead_rows",
             .found = fmt::format("table \"{}\" has {} dead rows beside {} live ones", name,
                                  found.dead, found.live),
             .harm = "a backfill reads through them, and adds to them",
             .remedy = "VACUUM (ANALYZE) " + quoted});
    }
}

void add_hot(std::vector<Finding>& findings, const Statistics& found, const Table& table,
             const std::string& name)
{
    constexpr std::int64_t many = 1'000;
    if (found.updated >= many && found.updated_hot * 2 < found.updated) {
        findings.push_back(
            {.severity = Severity::note,
             .check = "few_hot_updates",
             .found = fmt::format("of the updates of table \"{}\" {} % were HOT", name,
                                  found.updated_hot * 100 / found.updated),
             .harm = "each other update writes an entry to every index",
             .remedy = "look for indexes on columns that change often, or a lower fillfactor"});
    }
    if (found.fillfactor == 100 && !table.indexes.empty()) {
        findings.push_back(
            {.severity = Severity::note,
             .check = "fillfactor",
             .found = fmt::format(
                 "table \"{}\" has {} besides its key and a fillfactor of 100", name,
                 table.indexes.size() == 1 ? "an index"
                                           : fmt::format("{} indexes", table.indexes.size())),
             .harm = "where a page has no room for the new row, the update is not HOT and writes "
                     "to every index",
             .remedy = "small batches, with time for vacuum between; a lower fillfactor helps only "
                       "pages that are written anew"});
    }
}

void add_replication(std::vector<Finding>& findings, Session& session, const std::string& table,
                     const std::string& name)
{
    const std::string relation = "to_regclass(" + session.dialect().literal(table) + ")";
    for (const Row& row : session
                              .query("SELECT DISTINCT s.subname FROM pg_subscription_rel r JOIN "
                                     "pg_stat_subscription s ON s.subid = r.srsubid WHERE "
                                     "r.srrelid = " +
                                     relation + " ORDER BY 1")
                              .rows) {
        findings.push_back(
            {.severity = Severity::problem,
             .check = "subscribed",
             .found = fmt::format("the subscription \"{}\" writes table \"{}\"",
                                  row[0].value_or(""), name),
             .harm = "what it writes fires no trigger: a column that is to follow another does not",
             .remedy = "make the change where the rows come from, and write out here what changes "
                       "with [[expand]] and [[contract]]"});
    }
    for (const Row& row :
         session
             .query("SELECT p.pubname FROM pg_class c JOIN pg_namespace n ON n.oid = "
                    "c.relnamespace JOIN pg_publication_tables p ON p.schemaname = n.nspname AND "
                    "p.tablename = c.relname WHERE c.oid = " +
                    relation + " ORDER BY 1")
             .rows) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "published",
             .found = fmt::format("table \"{}\" is published by \"{}\"", name, row[0].value_or("")),
             .harm = "a subscriber stops at the first row with a column, or of a table, that it "
                     "does not have",
             .remedy = "add there what expand adds before that, and rename what contract renames "
                       "right after"});
    }
}

} // namespace

void add_postgresql_table_findings(std::vector<Finding>& findings, Session& session,
                                   const Table& table)
{
    const std::string quoted = session.dialect().quote(table.name);
    if (const std::optional<Statistics> found = read_statistics(session, quoted)) {
        const std::string name = display(table.name);
        add_vacuum(findings, *found, name, quoted);
        add_hot(findings, *found, table, name);
        add_replication(findings, session, quoted, name);
    }
}

} // namespace sluice
