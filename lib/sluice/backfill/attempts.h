#pragma once
// Trying again what passes by itself: deadlocks, lock time-outs, lost connections. The wait grows,
// differs by chance, and ends at once when stop is requested. Private to backfill/.

#include "sluice/backfill/connections.h"
#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/core/event.h"
#include "sluice/db/table.h"

#include <functional>
#include <random>
#include <stop_token>
#include <string_view>

namespace sluice {

class Attempts {
public:
    Attempts(WorkerConnections& connections, Clock& clock, Listener& listener,
             const std::stop_token& stop, const TableName& table, int most);

    /// Runs a job until it succeeds or fails for good. The connections may be new ones each time.
    template <class Job> auto run(std::string_view what, const Job& job)
    {
        for (int n = 1;; ++n) {
            try {
                return job();
            } catch (const Error& error) {
                recover(what, error, n);
            }
        }
    }

    /// Throws Error{interrupted} when stop is or was requested.
    void sleep(Microseconds duration);
    void stop_if_asked() const;

    /// Called for each failure that will be tried again, before the wait.
    std::function<void(const Error& error, int attempt)> on_failure;

private:
    [[nodiscard]] Error explained(const Error& error);
    [[nodiscard]] int most_for(Cause cause) const;
    void recover(std::string_view what, const Error& failure, int attempt);

    WorkerConnections& connections_;
    Clock& clock_;
    Listener& listener_;
    const std::stop_token& stop_;
    const TableName& table_; ///< whose locks are waited for
    int most_;
    std::mt19937 random_;
};

} // namespace sluice
