#pragma once
// Finds how many rows a batch may have so that it takes about the time that people want it to take.
// The law is that of Spirit's chunk sizer (block/spirit): the 90th of a hundred batches has to be
// in time; growth is slow and shrinking quick, because a batch that is too large holds locks and
// one that is too small only costs speed. Plain values, no clock.

#include "sluice/core/clock.h"
#include "sluice/state/pace.h"
#include "sluice/state/ranges.h"

#include <cstdint>
#include <deque>

namespace sluice {

class Servo {
public:
    /// For the next batch: from the pace's first guess on, never above its ceiling.
    [[nodiscard]] std::int64_t rows(const Pace& pace) const;

    /// A batch that looked at `rows` rows took `time`, without its waits for locks. Ten batches of
    /// one size decide about the next; one that takes five times too long cuts to a tenth at once.
    void after_batch(const Pace& pace, std::int64_t rows, Microseconds time);

    /// A batch hit a time-out.
    void halve(const Pace& pace);

    /// Of the last hundred batches.
    [[nodiscard]] Rhythm rhythm(const Pace& pace) const;

private:
    void become(std::int64_t rows, const Pace& pace);
    [[nodiscard]] bool is_current(const Pace& pace) const;

    std::int64_t rows_ = 0;        ///< 0: the pace's first guess
    std::int64_t first_guess_ = 0; ///< from which rows_ was found: another one starts anew
    std::deque<Microseconds> decisive_;
    std::deque<Microseconds> recent_;
};

} // namespace sluice
