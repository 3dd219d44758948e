// sluice_bench SCENARIO [--url URL] [--rows N] [--batch N] [--rounds N] …

#include "scenarios.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace sluice::bench;

int usage(const std::vector<Scenario>& scenarios)
{
    fmt::print("usage: sluice_bench SCENARIO [--url URL] [--rows N] [--batch N] [--rounds N]\n"
               "       impact, peers, changes and keys: [--server DIR | --pid PID] [--rate N] "
               "[--threads N] "
               "[--seconds N]\n"
               "       locks: [--seconds N]\n");
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

/// The process of a server that tests/support/server has started in the folder.
int pid_in(const std::string& folder)
{
    std::ifstream in(folder + "/pid");
    int pid = 0;
    if (!(in >> pid)) {
        throw std::runtime_error(folder + "/pid cannot be read");
    }
    return pid;
}

void set_option(Options& options, std::string_view name, const char* text)
{
    if (name == "--url") {
        options.subject.url = sluice::parse_url(text);
        options.subject.url_text = text;
    } else if (name == "--rows") {
        options.subject.rows = positive(name, text);
    } else if (name == "--batch") {
        options.subject.batch_rows = positive(name, text);
    } else if (name == "--rounds") {
        options.rounds = static_cast<int>(positive(name, text));
    } else if (name == "--server") {
        options.server_pid = pid_in(text);
    } else if (name == "--pid") {
        options.server_pid = static_cast<int>(positive(name, text));
    } else if (name == "--rate") {
        options.rate = static_cast<double>(positive(name, text));
    } else if (name == "--threads") {
        options.threads = static_cast<int>(positive(name, text));
    } else if (name == "--seconds") {
        options.seconds = static_cast<int>(positive(name, text));
    } else {
        throw std::runtime_error(fmt::format("unknown option {}", name));
    }
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int n = 2; n < argc; n += 2) {
        if (n + 1 == argc) {
            throw std::runtime_error(fmt::format("{} needs a value", argv[n]));
        }
        set_option(options, argv[n], argv[n + 1]);
    }
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<Scenario> scenarios = backfill_scenarios();
    for (const auto& more : {program_scenarios(), impact_scenarios(), lock_scenarios(),
                             change_scenarios(), key_scenarios()}) {
        scenarios.insert(scenarios.end(), more.begin(), more.end());
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
