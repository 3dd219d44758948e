#include "sluice/throttle/own_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sluice {

namespace {

constexpr std::chrono::seconds remembered{30};
constexpr std::size_t most_attempts = 1000;

} // namespace

void OwnBatches::note_batch(Microseconds took, SteadyTime now)
{
    const std::scoped_lock lock(mutex_);
    attempts_.push_back({.at = now, .took = took});
    forget_before(now);
}

void OwnBatches::note_busy(SteadyTime now)
{
    const std::scoped_lock lock(mutex_);
    attempts_.push_back({.at = now, .was_busy = true});
    forget_before(now);
}

void OwnBatches::forget_before(SteadyTime now)
{
    while (!attempts_.empty() &&
           (now - attempts_.front().at > remembered || attempts_.size() > most_attempts)) {
        attempts_.pop_front();
    }
}

Reading OwnBatches::p99(SteadyTime now)
{
    const std::scoped_lock lock(mutex_);
    forget_before(now);
    std::vector<Microseconds> times;
    for (const Attempt& attempt : attempts_) {
        if (!attempt.was_busy) {
            times.push_back(attempt.took);
        }
    }
    if (times.empty()) {
        return {.value = 0, .text = "no batch lately"};
    }
    const std::size_t rank = (times.size() * 99 + 99) / 100 - 1;
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(rank), times.end());
    return {.value = std::chrono::duration<double>(times[rank]).count(),
            .text = fmt::format("of {} lately", times.size())};
}

Reading OwnBatches::busy_rate(SteadyTime now)
{
    const std::scoped_lock lock(mutex_);
    forget_before(now);
    const auto busy = std::count_if(attempts_.begin(), attempts_.end(),
                                    [](const Attempt& attempt) { return attempt.was_busy; });
    const auto all = static_cast<double>(attempts_.size());
    return {.value = attempts_.empty() ? 0 : static_cast<double>(busy) / all, .text = ""};
}

} // namespace sluice
