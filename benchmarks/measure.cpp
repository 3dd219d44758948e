#include "measure.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

namespace sluice::bench {

double seconds_of(const std::function<void()>& work)
{
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values)
{
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<double> Rounds::of(std::size_t way) const
{
    std::vector<double> values;
    for (const std::vector<double>& round : seconds) {
        values.push_back(round.at(way));
    }
    return values;
}

std::vector<double> Rounds::speed(std::size_t way, std::size_t base) const
{
    std::vector<double> values;
    for (const std::vector<double>& round : seconds) {
        values.push_back(round.at(base) / round.at(way));
    }
    return values;
}

Rounds take_turns(const Turns& turns, int rounds)
{
    const std::size_t count = turns.names.size();
    Rounds result{.ways = turns.names, .seconds = {}};
    for (int n = 0; n < rounds; ++n) {
        std::vector<double> round(count);
        for (std::size_t turn = 0; turn < count; ++turn) {
            const std::size_t way = (static_cast<std::size_t>(n) + turn) % count;
            turns.before();
            round[way] = seconds_of(turns.ways[way]);
            turns.after();
        }
        result.seconds.push_back(std::move(round));
    }
    return result;
}

std::string table(const Rounds& rounds, long long rows)
{
    std::string text = fmt::format("| way | median s | best s | rows/s | speed against \"{}\": "
                                   "median [least, most] of {} rounds |\n|---|---|---|---|---|\n",
                                   rounds.ways.at(0), rounds.seconds.size());
    for (std::size_t way = 0; way < rounds.ways.size(); ++way) {
        const std::vector<double> times = rounds.of(way);
        const std::vector<double> speeds = rounds.speed(way, 0);
        text += fmt::format("| {} | {:.2f} | {:.2f} | {:.0f} | {:.2f} [{:.2f}, {:.2f}] |\n",
                            rounds.ways[way], median(times),
                            *std::min_element(times.begin(), times.end()),
                            static_cast<double>(rows) / median(times), median(speeds),
                            *std::min_element(speeds.begin(), speeds.end()),
                            *std::max_element(speeds.begin(), speeds.end()));
    }
    return text;
}

std::string environment()
{
    utsname system{};
    ::uname(&system);
    std::string load;
    std::ifstream("/proc/loadavg") >> load;
    char now[32] = {};
    const std::time_t time = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    std::strftime(now, sizeof now, "%Y-%m-%dT%H:%MZ", &utc);
    return fmt::format("{} cores, {} {}, load {} at the start, {}",
                       std::thread::hardware_concurrency(), system.sysname, system.release, load,
                       now);
}

long long peak_kib()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) {
            return std::atoll(line.c_str() + 6);
        }
    }
    return 0;
}

} // namespace sluice::bench
