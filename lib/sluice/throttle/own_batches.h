#pragma once
// What the run's own batches were like in this process, lately: after a while without any, nothing
// is held against them, so that work can be tried again. Thread-safe. Private to throttle/.

#include "sluice/core/clock.h"
#include "sluice/throttle/signal.h"

#include <deque>
#include <mutex>

namespace sluice {

class OwnBatches {
public:
    void note_batch(Microseconds took, SteadyTime now);
    /// A batch found the database held by another writer.
    void note_busy(SteadyTime now);

    [[nodiscard]] Reading p99(SteadyTime now);       ///< seconds
    [[nodiscard]] Reading busy_rate(SteadyTime now); ///< share of the attempts

private:
    struct Attempt {
        SteadyTime at{};
        Microseconds took{0};
        bool was_busy = false;
    };

    void forget_before(SteadyTime now); ///< the mutex is held

    std::mutex mutex_;
    std::deque<Attempt> attempts_;
};

} // namespace sluice
