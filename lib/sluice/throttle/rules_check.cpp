#include "sluice/core/error.h"
#include "sluice/db/server_signals.h"
#include "sluice/throttle/monitor.h"
#include "sluice/throttle/replicas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sluice {

namespace {

std::vector<std::string> signals_of(const Dialect& dialect)
{
    std::vector<std::string> names = server_signals(dialect);
    names.emplace_back("batch_p99");
    if (dialect.capabilities().one_writer) {
        names.emplace_back("busy_rate");
    }
    std::sort(names.begin(), names.end());
    return names;
}

void check_replicas(const Rules& rules, const Dialect& dialect)
{
    const bool asks =
        rules.limits.count("replica_lag") + rules.limits.count("replica_lag_bytes") > 0;
    if (!rules.replicas.empty() && !asks) {
        throw Error(ErrorKind::definition,
                    "throttle: replicas are listed, and their lag has no limit",
                    {.hint = "Add replica_lag = \"5s\" to [throttle], or take the list away."});
    }
    if (asks && rules.replicas.empty() && !primary_sees_replicas(dialect)) {
        throw Error(ErrorKind::definition,
                    "throttle: the lag of replicas has a limit, and this server does not know it",
                    {.hint = "List them: replicas = [\"env:REPLICA_URL\"]."});
    }
    const Engine engine = dialect.server().engine;
    for (const std::string& source : rules.replicas) {
        const bool is_url = source.rfind("env:", 0) != 0 && source.rfind("file:", 0) != 0;
        if (is_url && parse_url(source).engine != engine) {
            throw Error(ErrorKind::definition, fmt::format("throttle: replica {} is not one of {}",
                                                           replica_name(source), name_of(engine)));
        }
    }
}

void check_vacuum(const Rules& rules, const Dialect& dialect, const std::vector<std::string>& known)
{
    if (rules.vacuum == Vacuum::wait) {
        return;
    }
    if (std::find(known.begin(), known.end(), "dead_tuples") == known.end()) {
        throw Error(
            ErrorKind::definition,
            fmt::format("throttle: {} has no vacuum to wait for", name_of(dialect.server().engine)),
            {.hint = "Take vacuum = \"run\" away."});
    }
    if (rules.limits.count("dead_tuples") + rules.limits.count("dead_share") == 0) {
        throw Error(ErrorKind::definition,
                    "throttle: a vacuum is asked for, and dead rows have no limit",
                    {.hint = "Add dead_tuples = 100000 to [throttle], or take vacuum away."});
    }
}

} // namespace

void check_rules(const Rules& rules, const Dialect& dialect)
{
    const std::vector<std::string> known = signals_of(dialect);
    check_vacuum(rules, dialect, known);
    for (const auto& [name, limits] : rules.limits) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw Error(ErrorKind::definition,
                        fmt::format("throttle: {} has no signal \"{}\"",
                                    name_of(dialect.server().engine), name),
                        {.hint = fmt::format("Its signals are {}.", fmt::join(known, ", "))});
        }
    }
    check_replicas(rules, dialect);
}

} // namespace sluice
