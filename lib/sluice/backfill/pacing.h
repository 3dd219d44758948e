#pragma once
// The arithmetic of a worker's rhythm: how long it rests, how long it waits before it tries again,
// and how fast it has been going. Plain values, no clock.

#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/db/dialect.h"
#include "sluice/state/pace.h"

#include <cstdint>
#include <deque>
#include <utility>

namespace sluice {

/// How long to rest after a batch that took `batch_time`: the larger of the pace's sleep and what
/// keeps the database busy for `duty` of the time only. A batch that changed nothing is not slept
/// after. Where there is one writer per database, a loop without a rest as long as the batch
/// starves every other writer; only duty = 1 says that there is none. `jitter` (0 to 1) moves the
/// rest by a tenth at most, so that workers do not fall into step.
[[nodiscard]] Microseconds rest_after(const Pace& pace, const Capabilities& capabilities,
                                      Microseconds batch_time, std::int64_t rows_changed,
                                      double jitter);

/// The wait before attempt `attempt` + 1: from 50 ms, doubled each time, at most `longest`, between
/// half and all of it as `jitter` (0 to 1) says, so that two who met do not meet again.
[[nodiscard]] Milliseconds backoff(int attempt, Milliseconds longest, double jitter);

/// At most so long between two attempts. A lock may be gone the next moment, and asking for it
/// again costs nothing; a server that starts is not to be met by all of its workers at once.
[[nodiscard]] Milliseconds longest_wait(Cause cause);

/// Rows per second over the last five seconds.
class Rate {
public:
    void add(SteadyTime now, std::int64_t rows);
    [[nodiscard]] double per_second(SteadyTime now) const;

private:
    std::deque<std::pair<SteadyTime, std::int64_t>> batches_;
};

} // namespace sluice
