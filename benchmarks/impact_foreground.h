#pragma once
// The application beside a backfill: point reads, updates and inserts at a fixed rate, open loop.
// Each operation has a time at which it is due, whatever became of those before; its latency counts
// from then, so that what waits behind a slow one is counted as slow as it was for its caller.

#include "subject.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sluice::bench {

/// For locks as long as an application waits by default, which is longer than a tool should.
void wait_like_an_application(Session& session);

struct ForegroundOptions {
    double rate = 0; ///< operations a second, over all threads
    int threads = 4; ///< each with a connection of its own
    std::uint64_t seed = 1;
};

/// What the application felt.
struct Felt {
    std::vector<double> milliseconds; ///< ascending, failures among them
    long long errors = 0;
    std::string first_error;

    [[nodiscard]] double quantile(double share) const;
};

class Foreground {
public:
    /// Operations a second where each thread calls as soon as it has its answer, tried for so long.
    [[nodiscard]] static double most(const Subject& subject, const ForegroundOptions& options,
                                     std::chrono::milliseconds duration);

    /// Connects, and begins at once.
    Foreground(const Subject& subject, const ForegroundOptions& options);
    Foreground(const Foreground&) = delete;
    Foreground& operator=(const Foreground&) = delete;
    ~Foreground();

    /// Operations due from now on count.
    void measure();
    /// Carries out all that is due by now, disconnects, and tells.
    [[nodiscard]] Felt stop();

private:
    class Caller;
    using Time = std::chrono::steady_clock::time_point;

    void call(Caller& caller, int number);

    ForegroundOptions options_;
    Time began_;
    std::atomic<Time> measured_from_{Time::max()};
    std::atomic<Time> end_{Time::max()};
    std::vector<std::unique_ptr<Caller>> callers_;
    std::vector<std::jthread> threads_;
};

} // namespace sluice::bench
