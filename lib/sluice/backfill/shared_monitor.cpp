#include "sluice/backfill/shared_monitor.h"

#include <utility>

namespace sluice {

SharedMonitor::SharedMonitor(const Connect& connect, Clock& clock,
                             std::vector<std::string> trusted_commands)
    : connect_(connect), clock_(clock), trusted_commands_(std::move(trusted_commands))
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
}

std::shared_ptr<Monitor> SharedMonitor::monitor() const
{
    const std::lock_guard lock(mutex_);
    return monitor_;
}

Decision SharedMonitor::decision() const
{
    const std::shared_ptr<Monitor> now = monitor();
    return now ? now->decision() : Decision{};
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
