#include "support/throttle.h"

#include "sluice/core/error.h"
#include "support/faults.h"

namespace sluice::test {

void await_go(const Monitor& monitor)
{
    wait_until("work may go on", [&] { return !monitor.decision().holds; });
}

void await_hold(const Monitor& monitor, const std::string& words)
{
    wait_until("work is held: " + words, [&] {
        const Decision decision = monitor.decision();
        return decision.holds && reasons_text(decision).find(words) != std::string::npos;
    });
}

double signal_value(Session& session, const std::string& name)
{
    return read_server_signal(session, name, {"", "t"}).value;
}

void await_signal(Session& session, const std::string& name, double least, double most)
{
    wait_until(name, [&] {
        const double value = signal_value(session, name);
        return value >= least && value <= most;
    });
}

std::string signal_failure(Session& session, const std::string& name)
{
    try {
        return "read: " + std::to_string(signal_value(session, name));
    } catch (const Error& error) {
        return error.message;
    }
}

std::string insert_rows(int end)
{
    std::string sql;
    for (int id = 0; id < end; ++id) {
        sql += (sql.empty() ? "INSERT INTO t VALUES (" : ", (") + std::to_string(id) + ", 0)";
    }
    return sql;
}

} // namespace sluice::test
