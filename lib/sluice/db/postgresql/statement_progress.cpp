#include "sluice/db/engine_statement_progress.h"

#include <cstdlib>

namespace sluice {

namespace {

std::int64_t number(const Value& value)
{
    return std::strtoll(value.value_or("0").c_str(), nullptr, 10);
}

/// Those that the process with this pid is waiting on: a lock, a transaction or a snapshot; a
/// prepared transaction is process 0.
std::vector<LockHolder> blockers(Session& session, const std::string& pid)
{
    const Rows rows = session.query(
        {"SELECT h.pid, a.usename, coalesce(nullif(a.application_name, ''), a.backend_type), "
         "a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, "
         "left(a.query, 500) FROM (SELECT DISTINCT unnest(pg_blocking_pids($1::int)) AS pid) h "
         "LEFT JOIN pg_stat_activity a ON a.pid = h.pid ORDER BY a.xact_start LIMIT 3",
         {{pid}}});
    std::vector<LockHolder> holders;
    for (const Row& row : rows.rows) {
        holders.push_back(
            {.session = row[0] == "0" ? "a prepared transaction" : "pid " + row[0].value_or(""),
             .user = row[1].value_or(""),
             .program = row[2].value_or(""),
             .activity = row[3].value_or(""),
             .statement = row[5].value_or(""),
             .age = row[4] ? std::optional(std::chrono::seconds(number(row[4]))) : std::nullopt});
    }
    return holders;
}

/// Without opening a table: whoever asks must not queue behind the one that is asked about.
std::string size_of(const Dialect& dialect, const std::vector<TableName>& tables)
{
    std::string names;
    for (const TableName& table : tables) {
        names += (names.empty() ? "to_regclass(" : ", to_regclass(") +
                 dialect.literal(dialect.quote(table)) + ")";
    }
    return names.empty() ? std::string("NULL")
                         : "(SELECT pg_size_pretty(sum(greatest(relpages, 0))::bigint * "
                           "current_setting('block_size')::bigint) FROM pg_class WHERE oid IN (" +
                               names + "))";
}

/// While it waits for other transactions, those are what it counts.
constexpr std::string_view progress_of_index =
    "SELECT i.phase, CASE WHEN i.phase LIKE 'waiting%' THEN i.lockers_done WHEN i.blocks_total > 0 "
    "THEN i.blocks_done ELSE i.tuples_done END, CASE WHEN i.phase LIKE 'waiting%' THEN "
    "i.lockers_total WHEN i.blocks_total > 0 THEN i.blocks_total ELSE i.tuples_total END, CASE "
    "WHEN i.phase LIKE 'waiting%' THEN 'transactions' WHEN i.blocks_total > 0 THEN 'blocks' ELSE "
    "'rows' END FROM pg_stat_progress_create_index i WHERE i.pid = $1::int";

} // namespace

std::optional<StatementProgress> postgresql_statement_progress(Session& session,
                                                               std::string_view connection_id,
                                                               const std::vector<TableName>& tables)
{
    const std::size_t at = connection_id.find('@');
    if (at == std::string_view::npos || !session.is_alive(connection_id)) {
        return std::nullopt;
    }
    const std::string pid(connection_id.substr(0, at));
    const Rows activity = session.query(
        {"SELECT wait_event_type IS NOT DISTINCT FROM 'Lock', extract(epoch FROM clock_timestamp() "
         "- query_start)::bigint, " +
             size_of(session.dialect(), tables) +
             " FROM pg_stat_activity WHERE pid = $1::int AND state = 'active'",
         {{pid}}});
    if (activity.empty()) {
        return std::nullopt;
    }
    StatementProgress progress{.seconds = number(activity[0][1])};
    const bool waits = activity[0][0] == "t";
    const Rows index = session.query({std::string(progress_of_index), {{pid}}});
    if (!index.empty()) {
        progress.doing = index[0][0].value_or("");
        progress.done = number(index[0][1]);
        progress.total = number(index[0][2]);
        progress.unit = index[0][3].value_or("");
    } else if (waits) {
        progress.doing = "waiting for a lock";
    } else {
        progress.doing =
            "at work" + (activity[0][2] ? " on a table of " + *activity[0][2] : std::string());
    }
    if (waits) {
        progress.waits_for = describe(blockers(session, pid), Engine::postgresql);
    }
    return progress;
}

} // namespace sluice
