// sluice_bench SCENARIO [--url URL] [--rows N] [--batch N] [--rounds N]

#include "scenarios.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace {

using namespace sluice::bench;

int usage(const std::vector<Scenario>& scenarios)
{
    fmt::print("usage: sluice_bench SCENARIO [--url URL] [--rows N] [--batch N] [--rounds N]\n");
    for (const Scenario& scenario : scenarios) {
        fmt::print("  {:<10} {}\n", scenario.name, scenario.about);
    }
    return 64;
}

long long positive(std::string_view name, const char* text)
{
    const long long number = std::atoll(text);
    if (number < 1) {
        throw std::runtime_error(fmt::format("{} {}: expected a positive number", name, text));
    }
    return number;
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int n = 2; n < argc; n += 2) {
        const std::string_view name = argv[n];
        if (n + 1 == argc) {
            throw std::runtime_error(fmt::format("{} needs a value", name));
        }
        if (name == "--url") {
            options.subject.url = sluice::parse_url(argv[n + 1]);
        } else if (name == "--rows") {
            options.subject.rows = positive(name, argv[n + 1]);
        } else if (name == "--batch") {
            options.subject.batch_rows = positive(name, argv[n + 1]);
        } else if (name == "--rounds") {
            options.rounds = static_cast<int>(positive(name, argv[n + 1]));
        } else {
            throw std::runtime_error(fmt::format("unknown option {}", name));
        }
    }
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<Scenario> scenarios = backfill_scenarios();
    for (Scenario& scenario : program_scenarios()) {
        scenarios.push_back(std::move(scenario));
    }
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
