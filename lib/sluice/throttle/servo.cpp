#include "sluice/throttle/servo.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice {

namespace {

constexpr std::int64_t least_rows = 10;
constexpr std::size_t decisive_batches = 10;
constexpr std::size_t recent_batches = 100;
constexpr int panic_factor = 5;
constexpr int panic_cut = 10;
constexpr double most_growth = 1.5;
constexpr double dead_band = 0.15; ///< a change smaller than this is not worth a new start

/// The value that `share` of them do not exceed.
Microseconds percentile(const std::deque<Microseconds>& times, double share)
{
    if (times.empty()) {
        return Microseconds{0};
    }
    std::vector<Microseconds> sorted(times.begin(), times.end());
    std::sort(sorted.begin(), sorted.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void remember(std::deque<Microseconds>& times, Microseconds time, std::size_t most)
{
    times.push_back(time);
    if (times.size() > most) {
        times.pop_front();
    }
}

/// A pace below the floor is somebody's wish and is kept.
std::int64_t within(std::int64_t rows, const Pace& pace)
{
    return std::clamp(rows, std::min(least_rows, pace.batch_rows), pace.batch_max);
}

} // namespace

bool Servo::is_current(const Pace& pace) const
{
    return rows_ != 0 && first_guess_ == pace.batch_rows;
}

std::int64_t Servo::rows(const Pace& pace) const
{
    return is_current(pace) ? within(rows_, pace) : pace.batch_rows;
}

void Servo::become(std::int64_t rows, const Pace& pace)
{
    rows_ = within(rows, pace);
    first_guess_ = pace.batch_rows;
    decisive_.clear();
}

void Servo::after_batch(const Pace& pace, std::int64_t rows, Microseconds time)
{
    remember(recent_, time, recent_batches);
    const std::int64_t now = this->rows(pace);
    if (time >= panic_factor * pace.batch_time) {
        become(now / panic_cut, pace);
        return;
    }
    if (rows < now) {
        return; // the end of a range, or a size that was in force before: it says nothing
    }
    remember(decisive_, time, decisive_batches);
    if (decisive_.size() < decisive_batches) {
        return;
    }
    const auto p90 = std::max(percentile(decisive_, 0.9), Microseconds{1});
    const double factor = std::chrono::duration<double>(pace.batch_time) / p90;
    const auto wanted =
        static_cast<std::int64_t>(static_cast<double>(now) * std::min(factor, most_growth));
    if (std::abs(static_cast<double>(wanted - now)) > dead_band * static_cast<double>(now) ||
        (factor > most_growth && wanted == now)) {
        become(std::max(wanted, factor > 1 ? now + 1 : wanted), pace);
    }
}

void Servo::halve(const Pace& pace)
{
    become(rows(pace) / 2, pace);
}

Rhythm Servo::rhythm(const Pace& pace) const
{
    return {.rows_now = rows(pace),
            .p50_us = percentile(recent_, 0.5).count(),
            .p99_us = percentile(recent_, 0.99).count()};
}

} // namespace sluice
