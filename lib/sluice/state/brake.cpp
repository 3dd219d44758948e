#include "sluice/state/brake.h"

#include <fmt/format.h>

namespace sluice {

namespace {

std::string with_reason(std::string text, const std::string& reason)
{
    return reason.empty() ? text : text + ": " + reason;
}

} // namespace

BrakeRecord read_brake(Session& session)
{
    const Rows rows =
        session.query(fmt::format("SELECT engaged, actor, reason, at FROM {} WHERE id = 1",
                                  session.dialect().state_table("brake")));
    if (rows.empty()) {
        return {};
    }
    const Row& row = rows[0];
    return {.is_engaged = row[0] != "0",
            .actor = row[1].value(),
            .reason = row[2].value(),
            .at = row[3].value()};
}

bool engage_brake(Session& session, const Actor& actor, const std::string& reason)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("brake") << " SET engaged = 1, actor = ";
    sql.bind(actor.name + "@" + actor.host) << ", reason = ";
    sql.bind(reason) << ", at = " << dialect.now() << " WHERE id = 1 AND engaged = 0";
    return session.execute(sql.take()) == 1;
}

bool release_brake(Session& session)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("brake")
        << " SET engaged = 0, actor = '', reason = '', at = '' WHERE id = 1 AND engaged = 1";
    return session.execute(sql.take()) == 1;
}

std::string wished_wait(const RunRecord& run, const BrakeRecord& brake)
{
    if (run.desired == Desired::paused) {
        return "paused";
    }
    if (brake.is_engaged) {
        return with_reason("all runs are stopped", brake.reason);
    }
    if (run.is_held) {
        return with_reason("held until " + run.hold_until, run.hold_reason);
    }
    return {};
}

} // namespace sluice
