#include "measure.h"
#include "scenarios.h"

#include <fmt/format.h>

namespace sluice::bench {

namespace {

std::string title(const Options& options)
{
    return fmt::format("{}, {} rows, batches of {}: {}\n", options.subject.url.display(),
                       options.subject.rows, options.subject.batch_rows, environment());
}

void compare(const Options& options)
{
    const Subject& subject = options.subject;
    fmt::print("{}\n", title(options));
    const bool has_loop = subject.url.engine != Engine::sqlite;
    Turns turns{.names = {"single UPDATE", "sluice"},
                .ways = {[&] { single_update(subject); }, [&] { backfill(subject); }},
                .before = [&] { make_users(subject); },
                .after = [&] { check_users(subject); }};
    if (has_loop) {
        turns.names.emplace_back("server-side loop");
        turns.ways.emplace_back([&] { (void)server_loop(subject); });
    }
    const Rounds rounds = take_turns(turns, options.rounds);
    fmt::print("{}", table(rounds, subject.rows));
    if (has_loop) {
        fmt::print("\nsluice against the server-side loop: {:.2f}\n", median(rounds.speed(1, 2)));
    }
}

void scale(const Options& options)
{
    fmt::print("{}\n| rows | median s | rows/s | peak KiB |\n|---|---|---|---|\n", title(options));
    for (Subject subject = options.subject;
         const long long rows :
         {options.subject.rows / 10, options.subject.rows, options.subject.rows * 10}) {
        subject.rows = rows;
        std::vector<double> times;
        for (int n = 0; n < options.rounds; ++n) {
            make_users(subject);
            times.push_back(seconds_of([&] { backfill(subject); }));
        }
        fmt::print("| {} | {:.2f} | {:.0f} | {} |\n", rows, median(times),
                   static_cast<double>(rows) / median(times), peak_kib());
    }
}

/// On a table that is there already (scenario "make"), so that making it does not count.
void memory(const Options& options)
{
    const double seconds = seconds_of([&] { backfill(options.subject); });
    fmt::print("{} rows in {:.2f} s, peak {} KiB\n", options.subject.rows, seconds, peak_kib());
}

} // namespace

std::vector<Scenario> backfill_scenarios()
{
    return {
        {"compare", "a backfill against one UPDATE and against a loop in the server", compare},
        {"scale", "a tenth of --rows, --rows, and ten times as many", scale},
        {"make", "makes the table and nothing else",
         [](const Options& options) { make_users(options.subject); }},
        {"single", "one UPDATE, once, on a table that is there",
         [](const Options& options) {
             fmt::print("{:.2f} s\n", seconds_of([&] { single_update(options.subject); }));
         }},
        {"profile", "one backfill on a table that is there, statement by statement",
         [](const Options& options) { fmt::print("{}", backfill_profile(options.subject)); }},
        {"backfill", "one backfill on a table that is there, with its peak memory", memory},
    };
}

} // namespace sluice::bench
