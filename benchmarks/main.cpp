// sluice_bench SCENARIO --url URL [--rows N] [--batch N] [--rounds N]

#include "scenarios.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

using namespace sluice::bench;

int usage(const std::vector<Scenario>& scenarios)
{
    fmt::print("usage: sluice_bench SCENARIO --url URL [--rows N] [--batch N] [--rounds N]\n");
    for (const Scenario& scenario : scenarios) {
        fmt::print("  {:<10} {}\n", scenario.name, scenario.about);
    }
    return 64;
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int n = 2; n + 1 < argc; n += 2) {
        const std::string_view name = argv[n];
        if (name == "--url") {
            options.subject.url = sluice::parse_url(argv[n + 1]);
        } else if (name == "--rows") {
            options.subject.rows = std::atoll(argv[n + 1]);
        } else if (name == "--batch") {
            options.subject.batch_rows = std::atoll(argv[n + 1]);
        } else if (name == "--rounds") {
            options.rounds = std::atoi(argv[n + 1]);
        }
    }
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<Scenario> scenarios = backfill_scenarios();
    try {
        for (const Scenario& scenario : scenarios) {
            if (argc > 1 && scenario.name == argv[1]) {
                scenario.run(parse(argc, argv));
                return 0;
            }
        }
    } catch (const std::exception& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return 2;
    }
    return usage(scenarios);
}
