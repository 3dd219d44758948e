#pragma once
// Time is handed in, so that tests move it by hand. Nothing else in the library calls now() or
// sleeps.

#include <chrono>
#include <stop_token>

namespace sluice {

using Milliseconds = std::chrono::milliseconds;
using Microseconds = std::chrono::microseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// For measuring how long something took.
    [[nodiscard]] virtual SteadyTime steady_now() = 0;

    /// For showing to people. Leases and recorded times use the server's clock instead.
    [[nodiscard]] virtual WallTime wall_now() = 0;

    /// Sleeps for `duration`, or until `stop` is requested, whichever comes first. Thread-safe.
    virtual void sleep(Microseconds duration, const std::stop_token& stop) = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override;
    [[nodiscard]] WallTime wall_now() override;
    void sleep(Microseconds duration, const std::stop_token& stop) override;
};

} // namespace sluice
