#include "sluice/db/engine_lock_holders.h"
#include "sluice/db/engine_statement_progress.h"

#include <algorithm>
#include <cstdlib>

namespace sluice {

namespace {

std::int64_t number(const Value& value)
{
    return std::strtoll(value.value_or("0").c_str(), nullptr, 10);
}

/// MariaDB counts the stages of a statement and the share of the present one; MySQL the work of a
/// stage, where the server was told to.
std::string question(const Server& server)
{
    if (server.is_mariadb) {
        return "SELECT state, CAST(progress AS SIGNED), CASE WHEN max_stage > 0 THEN 100 ELSE 0 "
               "END, '%', time FROM information_schema.processlist WHERE command <> 'Sleep' AND "
               "id = ";
    }
    return "SELECT p.processlist_state, s.work_completed, s.work_estimated, 'steps', "
           "p.processlist_time FROM performance_schema.threads p LEFT JOIN "
           "performance_schema.events_stages_current s ON s.thread_id = p.thread_id WHERE "
           "p.processlist_command <> 'Sleep' AND p.processlist_id = ";
}

std::string who_waits_for(Session& session, const std::string& id,
                          const std::vector<TableName>& tables)
{
    std::vector<LockHolder> holders = mysql_lock_holders(session, tables);
    holders.erase(
        std::remove_if(holders.begin(), holders.end(),
                       [&](const LockHolder& one) { return one.session == "connection " + id; }),
        holders.end());
    return describe(holders, Engine::mysql);
}

} // namespace

std::optional<StatementProgress> mysql_statement_progress(Session& session,
                                                          std::string_view connection_id,
                                                          const std::vector<TableName>& tables)
{
    const std::size_t at = connection_id.find('@');
    if (at == std::string_view::npos || !session.is_alive(connection_id)) {
        return std::nullopt;
    }
    const std::string id(connection_id.substr(0, at));
    const Rows rows = session.query(question(session.dialect().server()) + id);
    if (rows.empty()) {
        return std::nullopt;
    }
    StatementProgress progress{.doing = rows[0][0].value_or(""),
                               .done = number(rows[0][1]),
                               .total = number(rows[0][2]),
                               .unit = rows[0][3].value_or(""),
                               .seconds = number(rows[0][4])};
    if (progress.doing.starts_with("Waiting for")) {
        progress.total = 0;
        progress.waits_for = who_waits_for(session, id, tables);
    }
    return progress;
}

} // namespace sluice
