#include "sluice/backfill/shared_monitor.h"

#include <utility>

namespace sluice {

namespace {

bool counts_dead_rows(const SignalStatus& status)
{
    return status.signal == "dead_tuples" || status.signal == "dead_share";
}

} // namespace

SharedMonitor::SharedMonitor(const Connect& connect, Clock& clock,
                             std::vector<std::string> trusted_commands)
    : connect_(connect)
    , clock_(clock)
    , trusted_commands_(std::move(trusted_commands))
    , vacuuming_(connect, clock)
{
}

void SharedMonitor::follow(const RunRecord& run)
{
    std::shared_ptr<Monitor> old; // ended outside the lock: it may be in the middle of a query
    const std::lock_guard lock(mutex_);
    if (run.throttle == rules_) {
        return;
    }
    const Rules rules = rules_from_json(run.throttle);
    old = std::exchange(monitor_, rules.empty()
                                      ? nullptr
                                      : std::make_shared<Monitor>(
                                            connect_, clock_, rules,
                                            MonitorSubject{.run = run.id,
                                                           .table = run.table,
                                                           .trusted_commands = trusted_commands_}));
    rules_ = run.throttle;
    runs_vacuum_ = rules.vacuum == Vacuum::run;
    vacuuming_.give_up();
}

std::shared_ptr<Monitor> SharedMonitor::monitor() const
{
    const std::lock_guard lock(mutex_);
    return monitor_;
}

Decision SharedMonitor::decision() const
{
    const std::shared_ptr<Monitor> now = monitor();
    Decision decision = now ? now->decision() : Decision{};
    const std::string vacuum = vacuuming_.text();
    for (SignalStatus& status : decision.signals) {
        if (!vacuum.empty() && status.holds() && counts_dead_rows(status)) {
            status.text += "; " + vacuum;
        }
    }
    return decision;
}

void SharedMonitor::see_to_vacuum(const RunRecord& run, const Decision& decision)
{
    {
        const std::lock_guard lock(mutex_);
        if (!runs_vacuum_) {
            return;
        }
    }
    for (const SignalStatus& status : decision.signals) {
        if (status.state == SignalState::over && counts_dead_rows(status)) {
            vacuuming_.attend({.run = run.id, .table = run.table, .reason = status.text});
        }
    }
}

std::string SharedMonitor::names(const Decision& decision) const
{
    std::string names;
    for (const SignalStatus& status : decision.reasons()) {
        const std::string vacuum = counts_dead_rows(status) ? vacuuming_.text() : "";
        names += (names.empty() ? "" : ", ") + status.signal +
                 (vacuum.empty() ? "" : " (" + vacuum + ")");
    }
    return names;
}

void SharedMonitor::note_batch(Microseconds took)
{
    if (const std::shared_ptr<Monitor> now = monitor()) {
        now->note_batch(took);
    }
}

void SharedMonitor::note_busy()
{
    if (const std::shared_ptr<Monitor> now = monitor()) {
        now->note_busy();
    }
}

} // namespace sluice
