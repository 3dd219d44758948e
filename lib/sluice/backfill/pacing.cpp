#include "sluice/backfill/pacing.h"

#include <algorithm>
#include <numeric>

namespace sluice {

namespace {

constexpr std::chrono::seconds rate_window{5};

} // namespace

Microseconds rest_after(const Pace& pace, const Capabilities& capabilities, Microseconds batch_time,
                        std::int64_t rows_changed, double jitter)
{
    const double share = std::max(pace.duty, 0.001);
    auto rest = Microseconds(
        static_cast<std::int64_t>(static_cast<double>(batch_time.count()) * (1.0 / share - 1.0)));
    if (capabilities.one_writer && share < 1.0) {
        rest = std::max(rest, batch_time);
    }
    if (rows_changed > 0) {
        rest = std::max<Microseconds>(rest, pace.sleep);
    }
    // Only ever longer: what was asked for is the least.
    return rest + Microseconds(
                      static_cast<std::int64_t>(static_cast<double>(rest.count()) * 0.1 * jitter));
}

Milliseconds backoff(int attempt, Milliseconds longest, double jitter)
{
    constexpr std::int64_t first = 50;
    const auto full =
        std::min<std::int64_t>(longest.count(), first << std::clamp(attempt - 1, 0, 20));
    return Milliseconds(
        static_cast<std::int64_t>(static_cast<double>(full) * (0.5 + 0.5 * jitter)));
}

Milliseconds longest_wait(Cause cause)
{
    return cause == Cause::lock_timeout ? Milliseconds{2'000} : Milliseconds{10'000};
}

void Rate::add(SteadyTime now, std::int64_t rows)
{
    batches_.emplace_back(now, rows);
    while (batches_.size() > 2 && now - batches_.front().first > rate_window) {
        batches_.pop_front();
    }
}

double Rate::per_second(SteadyTime now) const
{
    if (batches_.size() < 2) {
        return 0;
    }
    // The first entry marks where the window begins; its own rows came before.
    const auto rows =
        std::accumulate(batches_.begin() + 1, batches_.end(), std::int64_t{0},
                        [](std::int64_t sum, const auto& entry) { return sum + entry.second; });
    const std::chrono::duration<double> span = now - batches_.front().first;
    return span.count() > 0 ? static_cast<double>(rows) / span.count() : 0;
}

} // namespace sluice
