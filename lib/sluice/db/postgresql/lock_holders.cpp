#include "sluice/db/engine_lock_holders.h"

namespace sluice {

namespace {

std::optional<std::chrono::seconds> seconds_of(const Value& value)
{
    return value ? std::optional(std::chrono::seconds(std::stoll(*value))) : std::nullopt;
}

/// Condition on pg_locks: one of the tables, or any table that not even its shape may be read of.
std::string is_meant(const Dialect& dialect, const std::vector<TableName>& tables)
{
    constexpr std::string_view first_of_users = "16384";
    std::string names;
    for (const TableName& table : tables) {
        names += (names.empty() ? "to_regclass(" : ", to_regclass(") +
                 dialect.literal(dialect.quote(table)) + ")";
    }
    return names.empty()
               ? "l.mode = 'AccessExclusiveLock' AND l.relation >= " + std::string(first_of_users)
               : "l.relation IN (" + names + ")";
}

} // namespace

std::vector<LockHolder> postgresql_lock_holders(Session& session,
                                                const std::vector<TableName>& tables)
{
    // A session whose transaction waits for a second phase has no row in pg_stat_activity.
    const Rows rows = session.query(
        "WITH held AS (SELECT coalesce(l.pid::text, '') AS pid, bool_or(l.mode <> "
        "'AccessShareLock') AS writes FROM pg_locks l WHERE l.granted AND l.locktype = 'relation' "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND " +
        is_meant(session.dialect(), tables) +
        " AND l.pid IS DISTINCT FROM pg_backend_pid() GROUP BY l.pid) SELECT h.pid, a.usename, "
        "coalesce(nullif(a.application_name, ''), a.backend_type), a.state, "
        "extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, left(a.query, 500) FROM "
        "held h LEFT JOIN pg_stat_activity a ON a.pid::text = h.pid WHERE h.writes OR NOT EXISTS "
        "(SELECT 1 FROM held WHERE writes) ORDER BY a.xact_start LIMIT 3");
    std::vector<LockHolder> holders;
    for (const Row& row : rows.rows) {
        const std::string pid = row[0].value_or("");
        holders.push_back({.session = pid.empty() ? "a prepared transaction" : "pid " + pid,
                           .user = row[1].value_or(""),
                           .program = row[2].value_or(""),
                           .activity = row[3].value_or(""),
                           .statement = row[5].value_or(""),
                           .age = seconds_of(row[4])});
    }
    return holders;
}

} // namespace sluice
