#pragma once
// The monitor of a run as the workers of a process share it. It follows the rules in the run's row,
// which people change while the run works. Any thread may use it. Private to backfill/.

#include "sluice/backfill/vacuuming.h"
#include "sluice/core/clock.h"
#include "sluice/db/session.h"
#include "sluice/state/runs.h"
#include "sluice/throttle/monitor.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sluice {

class SharedMonitor {
public:
    SharedMonitor(const Connect& connect, Clock& clock, std::vector<std::string> trusted_commands);

    /// Takes the rules of the run as it was just read. Throws Error{refused} for rules that this
    /// version does not know.
    void follow(const RunRecord& run);

    [[nodiscard]] Decision decision() const;

    /// Dead rows that hold the work are removed, where the rules ask for that.
    void see_to_vacuum(const RunRecord& run, const Decision& decision);
    /// What holds the work, without the readings, which differ each second; empty: nothing does.
    [[nodiscard]] std::string names(const Decision& decision) const;

    /// The run is to rest: to be called for as long as it does.
    void give_up_vacuum() noexcept { vacuuming_.give_up(); }

    void note_batch(Microseconds took);
    void note_busy();

private:
    [[nodiscard]] std::shared_ptr<Monitor> monitor() const;

    const Connect& connect_;
    Clock& clock_;
    std::vector<std::string> trusted_commands_;
    mutable std::mutex mutex_;
    std::string rules_; ///< under mutex_, as are the next two
    bool runs_vacuum_ = false;
    std::shared_ptr<Monitor> monitor_; ///< null: no rules
    Vacuuming vacuuming_;
};

} // namespace sluice
