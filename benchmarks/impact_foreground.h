#pragma once
// The application beside the work that is measured: operations at a fixed rate, open loop.
// Each operation has a time at which it is due, whatever became of those before; its latency counts
// from then, so that what waits behind a slow one is counted as slow as it was for its caller.

#include "subject.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace sluice::bench {

/// For locks as long as an application waits by default, which is longer than a tool should.
void wait_like_an_application(Session& session);

using Operation = std::function<void(Session&, std::mt19937_64&)>;

/// Point reads (half), updates (4 in 10) and inserts (1 in 10) on "users".
[[nodiscard]] Operation operations_on_users(const Subject& subject);

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
    [[nodiscard]] static double most(const Subject& subject, const Operation& operation,
                                     const ForegroundOptions& options,
                                     std::chrono::milliseconds duration);

    /// Connects, and begins at once.
    Foreground(const Subject& subject, const Operation& operation,
               const ForegroundOptions& options);
    Foreground(const Foreground&) = delete;
    Foreground& operator=(const Foreground&) = delete;
    ~Foreground();

    /// Operations due from now on count.
    void measure();
    /// What was felt since measure() or the last look; it goes on.
    [[nodiscard]] Felt look();
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
