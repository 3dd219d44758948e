#include "sluice/db/engine_findings.h"

#include <fmt/format.h>

#include <string>

namespace sluice {

namespace {

using std::chrono::seconds;

constexpr const char* keeps_dead_rows =
    "while it lasts, vacuum removes none of the rows that a backfill leaves dead: the table and "
    "its indexes grow";

seconds seconds_in(const Value& value)
{
    return seconds(std::stoll(value.value_or("0")));
}

std::vector<Finding> open_transactions(Session& session, const FindingLimits& limits)
{
    const Rows rows = session.query(fmt::format(
        "SELECT pid, usename, coalesce(nullif(application_name, ''), 'unnamed'), state LIKE 'idle "
        "in%', extract(epoch FROM clock_timestamp() - xact_start)::bigint, extract(epoch FROM "
        "clock_timestamp() - state_change)::bigint FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND "
        "xact_start <= clock_timestamp() - {} * interval '1 second' ORDER BY xact_start",
        limits.transaction_age.count()));
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        const bool is_idle = row[3] == "t";
        findings.push_back(
            {.severity = is_idle ? Severity::problem : Severity::warning,
             .check = is_idle ? "idle_in_transaction" : "old_transaction",
             .found = fmt::format("pid {} ({}, user \"{}\") has a transaction open for {}{}",
                                  row[0].value_or(""), row[2].value_or(""), row[1].value_or(""),
                                  age_text(seconds_in(row[4])),
                                  is_idle ? ", idle for " + age_text(seconds_in(row[5])) : ""),
             .harm = keeps_dead_rows,
             .remedy = fmt::format("let it end, or end it: SELECT pg_terminate_backend({})",
                                   row[0].value_or(""))});
    }
    return findings;
}

/// Others' transactions show only to members of pg_read_all_stats.
std::vector<Finding> hidden_sessions(Session& session)
{
    const Rows rows = session.query(
        "SELECT count(*), current_user FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type IS NULL AND usename IS DISTINCT FROM current_user");
    if (rows[0][0] == "0") {
        return {};
    }
    return {
        {.severity = Severity::warning,
         .check = "unseen",
         .found = fmt::format("user \"{}\" does not see what {} other session{} of this "
                              "database do",
                              rows[0][1].value(), rows[0][0].value(), rows[0][0] == "1" ? "" : "s"),
         .harm = "an old transaction among them would go unnoticed",
         .remedy = fmt::format("GRANT pg_read_all_stats TO {}",
                               session.dialect().quote(rows[0][1].value()))}};
}

std::vector<Finding> prepared_transactions(Session& session, const FindingLimits& limits)
{
    const Rows rows = session.query(fmt::format(
        "SELECT gid, owner, extract(epoch FROM clock_timestamp() - prepared)::bigint FROM "
        "pg_prepared_xacts WHERE database = current_database() AND prepared <= clock_timestamp() - "
        "{} * interval '1 second' ORDER BY prepared",
        limits.transaction_age.count()));
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        const std::string name = row[0].value_or("");
        findings.push_back(
            {.severity = Severity::problem,
             .check = "prepared_transaction",
             .found =
                 fmt::format("transaction \"{}\" of user \"{}\" is prepared and has waited for "
                             "its second phase for {}",
                             name, row[1].value_or(""), age_text(seconds_in(row[2]))),
             .harm = std::string(keeps_dead_rows) + "; it keeps its locks, even over a restart",
             .remedy = fmt::format("COMMIT PREPARED {0} or ROLLBACK PREPARED {0}",
                                   session.dialect().literal(name))});
    }
    return findings;
}

Finding replica_finding(const Row& row, const FindingLimits& limits)
{
    const std::string name = row[0].value_or("");
    if (!row[1]) {
        return {.severity = Severity::problem,
                .check = "replica_unreadable",
                .found = fmt::format("replica \"{}\" follows this server, and this user may not "
                                     "see how far",
                                     name),
                .harm = "a backfill could leave it behind without noticing",
                .remedy = "grant this user pg_monitor"};
    }
    if (!row[2]) {
        return {.severity = Severity::warning,
                .check = "replica_unreadable",
                .found = fmt::format("\"{}\" receives the log of this server and does not say "
                                     "what it has replayed",
                                     name),
                .harm = "if it is a replica, a backfill could leave it behind without noticing",
                .remedy = "nothing, where it only archives; else look at it itself"};
    }
    const bool is_late = seconds_in(row[3]) >= limits.replica_lag;
    return {.severity = is_late ? Severity::warning : Severity::note,
            .check = is_late ? "replica_late" : "replica",
            .found = fmt::format("replica \"{}\" follows this server, {} s and {} behind", name,
                                 seconds_in(row[3]).count(), size_text(std::stod(*row[2]))),
            .harm = "a backfill writes faster than a replica may replay",
            .remedy = "give a limit: replica_lag = \"5s\" in [env.….throttle] of sluice.toml"};
}

std::vector<Finding> replicas(Session& session, const FindingLimits& limits)
{
    const Rows rows = session.query(
        "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), "
        "coalesce(extract(epoch FROM replay_lag)::bigint, 0) FROM pg_stat_replication ORDER BY 1");
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        findings.push_back(replica_finding(row, limits));
    }
    return findings;
}

std::vector<Finding> archiver(Session& session)
{
    const Rows rows = session.query(
        "SELECT failed_count, last_failed_wal, coalesce(to_char(last_archived_time AT TIME ZONE "
        "'UTC', 'YYYY-MM-DD HH24:MI:SS'), '') FROM pg_stat_archiver WHERE last_failed_time > "
        "coalesce(last_archived_time, '-infinity') AND current_setting('archive_mode') <> 'off'");
    if (rows.empty()) {
        return {};
    }
    const std::string last = rows[0][2].value_or("");
    return {{.severity = Severity::problem,
             .check = "archiver_failing",
             .found = fmt::format("archiving fails at \"{}\", {} times so far; {}",
                                  rows[0][1].value_or(""), rows[0][0].value_or(""),
                                  last.empty() ? "it has never succeeded"
                                               : "it succeeded last at " + last + " UTC"),
             .harm = "the server keeps all WAL that is not archived, and a backfill writes a lot: "
                     "a full disk stops the server",
             .remedy = "mend archive_command; the server's log says why it fails"}};
}

std::vector<Finding> slots(Session& session, const FindingLimits& limits)
{
    const Rows rows = session.query(
        "SELECT slot_name, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM "
        "pg_replication_slots WHERE restart_lsn IS NOT NULL ORDER BY 1");
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        const bool is_active = row[1] == "t";
        const double kept = std::stod(row[2].value_or("0"));
        if (is_active && kept < static_cast<double>(limits.kept_log_bytes)) {
            continue;
        }
        findings.push_back(
            {.severity = is_active ? Severity::warning : Severity::problem,
             .check = is_active ? "slot_keeps_wal" : "slot_inactive",
             .found =
                 fmt::format("replication slot \"{}\" {} keeps {} of WAL", row[0].value_or(""),
                             is_active ? "is behind and" : "has no consumer and", size_text(kept)),
             .harm = "all WAL that a backfill writes is kept too, until the disk is full",
             .remedy = is_active ? "see to its consumer before a backfill begins"
                                 : fmt::format(
                                       "start its consumer, or SELECT pg_drop_replication_slot({})",
                                       session.dialect().literal(row[0].value_or("")))});
    }
    return findings;
}

/// Tables that are made later belong to it too.
std::vector<Finding> whole_publications(Session& session)
{
    std::vector<Finding> findings;
    for (const Row& row :
         session.query("SELECT pubname FROM pg_publication WHERE puballtables ORDER BY 1").rows) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "everything_published",
             .found = fmt::format("the publication \"{}\" has every table, those in the schema "
                                  "\"sluice\" too",
                                  row[0].value_or("")),
             .harm = "a subscriber that does not have these tables stops at sluice's first row",
             .remedy = "publish tables by name; or make the schema there without its rows "
                       "(pg_dump --schema-only --schema=sluice) before the next migration"});
    }
    return findings;
}

} // namespace

std::vector<Finding> postgresql_findings(Session& session, const std::vector<Table>& tables,
                                         const FindingLimits& limits)
{
    if (session.query("SELECT pg_is_in_recovery()")[0][0] == "t") {
        return {{.severity = Severity::problem,
                 .check = "is_replica",
                 .found = "this server is a replica",
                 .harm = "nothing can be changed here",
                 .remedy = "give --url of the primary"}};
    }
    std::vector<Finding> findings;
    const auto add = [&](const std::string& what,
                         const std::function<std::vector<Finding>()>& check) {
        add_checked(findings, what, check);
    };
    add("the transactions", [&] { return open_transactions(session, limits); });
    add("the sessions", [&] { return hidden_sessions(session); });
    add("the prepared transactions", [&] { return prepared_transactions(session, limits); });
    add("the replicas", [&] { return replicas(session, limits); });
    add("the archiver", [&] { return archiver(session); });
    add("the replication slots", [&] { return slots(session, limits); });
    add("the publications", [&] { return whole_publications(session); });
    for (const Table& table : tables) {
        add_postgresql_table_findings(findings, session, table);
    }
    return findings;
}

} // namespace sluice
