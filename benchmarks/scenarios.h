#pragma once
// The scenarios by name; each prints Markdown.

#include "subject.h"

#include <functional>
#include <string>
#include <vector>

namespace sluice::bench {

struct Options {
    Subject subject;
    int rounds = 5;
};

struct Scenario {
    std::string name;
    std::string about;
    std::function<void(const Options&)> run;
};

[[nodiscard]] std::vector<Scenario> backfill_scenarios();
[[nodiscard]] std::vector<Scenario> program_scenarios();

} // namespace sluice::bench
