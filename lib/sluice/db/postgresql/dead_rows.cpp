#include "sluice/db/dead_rows.h"

#include "sluice/core/error.h"
#include "sluice/db/engine_findings.h"
#include "sluice/db/engine_signals.h"

#include <fmt/format.h>

#include <string>

namespace sluice {

namespace {

std::int64_t number(const Value& value)
{
    return std::stoll(value.value_or("0"));
}

/// A setting of the table, or else of the server.
std::string setting(std::string_view name)
{
    return fmt::format("coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE "
                       "option_name = '{0}'), current_setting('{0}'))",
                       name);
}

/// Whether autovacuum works on the table, and from how many dead rows on.
std::string autovacuum_columns()
{
    return fmt::format(
        "current_setting('autovacuum')::bool AND coalesce((SELECT option_value::bool FROM "
        "pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_enabled'), true), "
        "({}::float8 + {}::float8 * greatest(c.reltuples, 0))::bigint",
        setting("autovacuum_vacuum_threshold"), setting("autovacuum_vacuum_scale_factor"));
}

/// Vacuum passes over a table that it may not work on, with no more than a notice.
std::string may_vacuum(const Dialect& dialect)
{
    constexpr int with_maintain = 170000;
    return std::string("(pg_has_role(c.relowner, 'USAGE') OR EXISTS (SELECT FROM pg_database WHERE "
                       "datname = current_database() AND pg_has_role(datdba, 'USAGE'))") +
           (dialect.server().version >= with_maintain
                ? " OR has_table_privilege(c.oid, 'MAINTAIN'))"
                : ")");
}

/// Replicas and slots follow at some distance even when all is well.
constexpr std::string_view oldest_snapshot =
    "SELECT who, age FROM (SELECT 'pid ' || pid || ' (' || coalesce(nullif(application_name, ''), "
    "'unnamed') || ', user \"' || usename || '\")' AS who, extract(epoch FROM clock_timestamp() - "
    "xact_start)::bigint AS age, backend_xmin AS held FROM pg_stat_activity WHERE backend_xmin IS "
    "NOT NULL AND datname = current_database() AND pid <> pg_backend_pid() AND backend_type = "
    "'client backend' AND xact_start < clock_timestamp() - interval '1 second' AND pid NOT IN "
    "(SELECT pid FROM pg_stat_progress_vacuum) UNION ALL SELECT 'prepared transaction \"' || gid "
    "|| '\"', extract(epoch FROM clock_timestamp() - prepared)::bigint, transaction FROM "
    "pg_prepared_xacts WHERE database = current_database() AND prepared < clock_timestamp() - "
    "interval '1 second' UNION ALL SELECT 'replica \"' || application_name || '\"', NULL, "
    "backend_xmin FROM pg_stat_replication WHERE age(backend_xmin) > 100000 UNION ALL SELECT "
    "'replication slot \"' || slot_name || '\"', NULL, xmin FROM pg_replication_slots WHERE "
    "age(xmin) > 100000) holders ORDER BY age(held) DESC LIMIT 1";

std::string autovacuum_text(bool is_on, std::int64_t threshold, std::int64_t dead)
{
    if (!is_on) {
        return "is off for it";
    }
    return dead > threshold ? "is due" : fmt::format("begins beyond {}", threshold);
}

} // namespace

DeadRows read_dead_rows(Session& session, const TableName& table)
{
    const Dialect& dialect = session.dialect();
    const Rows rows = session.query(fmt::format(
        "SELECT pg_stat_get_dead_tuples(c.oid), pg_stat_get_live_tuples(c.oid), (SELECT 'pid ' || "
        "min(pid) FROM pg_stat_progress_vacuum WHERE relid = c.oid), {}, {}, "
        "pg_get_userbyid(c.relowner) FROM pg_class c WHERE "
        "c.oid = to_regclass({})",
        autovacuum_columns(), may_vacuum(dialect), dialect.literal(dialect.quote(table))));
    if (rows.empty()) {
        fail_signal("the server has no statistics of \"" + display(table) + "\"");
    }
    const Row& row = rows[0];
    DeadRows found{.dead = number(row.at(0)),
                   .live = number(row.at(1)),
                   .vacuum = row.at(2).value_or(""),
                   .owner = row.at(6).value_or(""),
                   .may_vacuum = row.at(5) == "t"};
    found.autovacuum = autovacuum_text(row.at(3) == "t", number(row.at(4)), found.dead);
    const Rows holders = session.query(oldest_snapshot);
    if (!holders.empty()) {
        found.keeper = holders[0].at(0).value_or("");
        found.keeper_age =
            holders[0].at(1) ? age_text(std::chrono::seconds(number(holders[0].at(1)))) : "";
    }
    return found;
}

std::string describe(const DeadRows& rows)
{
    std::string text = rows.vacuum.empty() ? "autovacuum " + rows.autovacuum
                                           : "a vacuum is at work, " + rows.vacuum;
    if (!rows.keeper.empty()) {
        text += "; " + rows.keeper +
                (rows.keeper_age.empty() ? "" : ", open for " + rows.keeper_age + ",") +
                " keeps what died since";
    }
    return text;
}

void vacuum_table(Session& session, const TableName& table)
{
    session.execute("SELECT set_config('vacuum_cost_delay', setting || unit, false) FROM "
                    "pg_settings WHERE name = 'autovacuum_vacuum_cost_delay' AND setting::float8 "
                    ">= 0");
    session.execute("VACUUM (TRUNCATE FALSE) " + session.dialect().quote(table));
}

} // namespace sluice
