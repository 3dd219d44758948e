#include "impact.h"

#include "impact_costs.h"
#include "impact_foreground.h"
#include "measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sluice::bench {

namespace {

constexpr std::chrono::milliseconds warm_up{1'000};
constexpr std::chrono::milliseconds trial{3'000};
constexpr double share_of_most = 0.4;

struct Measured {
    double seconds = 0;
    Felt felt;
    Costs spent;
    double dead = 0;
    std::string failure;

    [[nodiscard]] double operations() const
    {
        return std::max<double>(1, static_cast<double>(felt.milliseconds.size()));
    }
};

/// Returns why it failed.
std::string work(const Options& options, const Variant& variant)
{
    if (!variant.job) {
        std::this_thread::sleep_for(std::chrono::seconds{options.seconds});
        return {};
    }
    try {
        variant.job();
    } catch (const std::exception& error) {
        if (!variant.may_fail) {
            throw;
        }
        return error.what();
    }
    return {};
}

Measured measure(const Options& options, const Variant& variant, const ForegroundOptions& load)
{
    const Subject& subject = options.subject;
    make_users(subject);
    Foreground foreground(subject, operations_on_users(subject), load);
    std::this_thread::sleep_for(warm_up);
    Measured measured;
    const Costs before = costs_so_far(subject, options.server_pid);
    foreground.measure();
    measured.seconds = seconds_of([&] { measured.failure = work(options, variant); });
    measured.felt = foreground.stop();
    measured.dead = dead_rows(subject).value_or(0);
    const Costs after = costs_so_far(subject, options.server_pid);
    measured.spent = {.cpu_seconds = after.cpu_seconds - before.cpu_seconds,
                      .log_bytes = after.log_bytes - before.log_bytes};
    if (variant.check && measured.failure.empty()) {
        variant.check();
    }
    return measured;
}

using Round = std::vector<Measured>;

/// Three digits or more: "0.72", "4.58", "32.3", "1163".
std::string short_number(double value)
{
    const double size = std::abs(value);
    return fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/// "4.5 [3.9, 128]": median, least and most of the rounds.
std::string spread(const std::vector<Round>& rounds,
                   const std::function<double(const Round&)>& value)
{
    std::vector<double> values;
    for (const Round& round : rounds) {
        values.push_back(value(round));
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const std::string middle = short_number(median(values));
    return values.size() == 1
               ? middle
               : fmt::format("{} [{}, {}]", middle, short_number(*least), short_number(*most));
}

std::string felt_row(const std::string& name, const std::vector<Round>& rounds, std::size_t way)
{
    const auto quantile = [&](double share) {
        return spread(rounds, [&](const Round& round) { return round[way].felt.quantile(share); });
    };
    constexpr double p99 = 0.99;
    const std::string ratio = spread(rounds, [&](const Round& round) {
        return round[way].felt.quantile(p99) / std::max(1e-6, round[0].felt.quantile(p99));
    });
    long long errors = 0;
    double operations = 0;
    for (const Round& round : rounds) {
        errors += round[way].felt.errors;
        operations += static_cast<double>(round[way].felt.milliseconds.size());
    }
    const bool has_failed = std::any_of(rounds.begin(), rounds.end(), [&](const Round& round) {
        return !round[way].failure.empty();
    });
    return fmt::format("| {}{} | {} | {} | {} | {} | {} | {:.0f} | {} |\n", name,
                       has_failed ? " (failed)" : "",
                       spread(rounds, [&](const Round& round) { return round[way].seconds; }),
                       quantile(0.5), quantile(p99), quantile(1), ratio, operations, errors);
}

/// Of `way`, what is left when each operation of the application costs what it costs alone.
std::string net(const std::vector<Round>& rounds, std::size_t way, double unit,
                const std::function<double(const Measured&)>& value)
{
    return spread(rounds, [&](const Round& round) {
        const double alone = value(round[0]) / round[0].operations();
        return (value(round[way]) - alone * round[way].operations()) / unit;
    });
}

std::string cost_row(const Options& options, const std::string& name,
                     const std::vector<Round>& rounds, std::size_t way)
{
    const double millions = static_cast<double>(options.subject.rows) / 1e6;
    constexpr double mebi = 1024.0 * 1024.0;
    const bool knows_cpu = options.server_pid != 0 || options.subject.url.engine == Engine::sqlite;
    const bool has_dead = options.subject.url.engine == Engine::postgresql;
    const std::string cpu =
        net(rounds, way, millions, [](const Measured& one) { return one.spent.cpu_seconds; });
    const std::string log =
        net(rounds, way, millions * mebi, [](const Measured& one) { return one.spent.log_bytes; });
    const std::string dead =
        net(rounds, way, millions, [](const Measured& one) { return one.dead; });
    return fmt::format("| {} | {} | {} | {} |\n", name, knows_cpu ? cpu : "unknown", log,
                       has_dead ? dead : "none");
}

void print_failures(const std::vector<Variant>& variants, const std::vector<Round>& rounds)
{
    for (std::size_t way = 0; way < variants.size(); ++way) {
        for (const Round& round : rounds) {
            if (!round[way].failure.empty()) {
                fmt::print("\nbefore its end: {}\n", round[way].failure);
            }
            if (!round[way].felt.first_error.empty()) {
                fmt::print("\nerror beside \"{}\": {}\n", variants[way].name,
                           round[way].felt.first_error);
            }
        }
    }
}

void print(const Options& options, const std::vector<Variant>& variants,
           const std::vector<Round>& rounds)
{
    fmt::print("\nMedian [least, most] of {} rounds; times in ms, counted from when an operation "
               "was due.\n\n| work | its s | p50 | p99 | max | p99 against \"{}\" | operations | "
               "errors |\n|---|---|---|---|---|---|---|---|\n",
               rounds.size(), variants[0].name);
    for (std::size_t way = 0; way < variants.size(); ++way) {
        fmt::print("{}", felt_row(variants[way].name, rounds, way));
    }
    fmt::print("\nA million rows cost, the application's own costs taken off:\n\n| work | server "
               "CPU s | log MiB | dead rows left |\n|---|---|---|---|\n");
    for (std::size_t way = 1; way < variants.size(); ++way) {
        fmt::print("{}", cost_row(options, variants[way].name, rounds, way));
    }
    print_failures(variants, rounds);
}

double rate_for(const Options& options)
{
    if (options.rate > 0) {
        return options.rate;
    }
    make_users(options.subject);
    const double most = Foreground::most(options.subject, operations_on_users(options.subject),
                                         {.threads = options.threads}, trial);
    fmt::print("The server does {:.0f} operations a second with {} callers.\n", most,
               options.threads);
    return most * share_of_most;
}

} // namespace

void measure_impact(const Options& options, const std::vector<Variant>& variants)
{
    const ForegroundOptions load{.rate = rate_for(options), .threads = options.threads};
    fmt::print("The application does {:.0f} a second on {} connections: half reads, 4 in 10 "
               "updates, 1 in 10 inserts.\n",
               load.rate, load.threads);
    std::vector<Round> rounds;
    for (int n = 0; n < options.rounds; ++n) {
        Round round(variants.size());
        for (std::size_t turn = 0; turn < variants.size(); ++turn) {
            const std::size_t way = (static_cast<std::size_t>(n) + turn) % variants.size();
            round[way] = measure(options, variants[way], load);
        }
        rounds.push_back(std::move(round));
    }
    print(options, variants, rounds);
}

} // namespace sluice::bench
