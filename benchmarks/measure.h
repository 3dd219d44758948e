#pragma once
// Times as they were measured, and what may be said of them: medians of paired rounds, because on a
// shared machine only ratios within a round mean anything.

#include <functional>
#include <string>
#include <vector>

namespace sluice::bench {

[[nodiscard]] double seconds_of(const std::function<void()>& work);
[[nodiscard]] double median(std::vector<double> values);

/// Runs of several ways to do the same, one of each a round.
struct Rounds {
    std::vector<std::string> ways;
    std::vector<std::vector<double>> seconds; ///< a row a round, a column a way

    [[nodiscard]] std::vector<double> of(std::size_t way) const;
    /// Of each round: how much faster `way` is than `base` (base's time over way's time).
    [[nodiscard]] std::vector<double> speed(std::size_t way, std::size_t base) const;
};

struct Turns {
    std::vector<std::string> names;
    std::vector<std::function<void()>> ways;
    std::function<void()> before; ///< each of them, and not counted
    std::function<void()> after;
};

/// Each round begins with another way: what one leaves to the server to clear up may slow down the
/// next.
[[nodiscard]] Rounds take_turns(const Turns& turns, int rounds);

/// A Markdown table: median seconds, rows a second, and the speed against the first way.
[[nodiscard]] std::string table(const Rounds& rounds, long long rows);

/// "2 cores, Linux 6.1.0, load 1.2, /tmp on ext4, 2026-11-21T05:00Z".
[[nodiscard]] std::string environment();

/// The largest resident size of this process so far, in KiB.
[[nodiscard]] long long peak_kib();

} // namespace sluice::bench
