#include "sluice/core/clock.h"

#include <condition_variable>
#include <mutex>

namespace sluice {

SteadyTime SystemClock::steady_now()
{
    return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall_now()
{
    return std::chrono::system_clock::now();
}

void SystemClock::sleep(Microseconds duration, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, duration, [] { return false; });
}

} // namespace sluice
