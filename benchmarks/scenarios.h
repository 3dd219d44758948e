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
    int server_pid = 0; ///< whose processor time is counted; 0: unknown
    double rate = 0;    ///< of the application's operations; 0: two fifths of what the server can
    int threads = 4;    ///< of the application
    int seconds = 20;   ///< for which it is watched alone
};

struct Scenario {
    std::string name;
    std::string about;
    std::function<void(const Options&)> run;
};

[[nodiscard]] std::vector<Scenario> backfill_scenarios();
[[nodiscard]] std::vector<Scenario> program_scenarios();
[[nodiscard]] std::vector<Scenario> impact_scenarios();
[[nodiscard]] std::vector<Scenario> lock_scenarios();
[[nodiscard]] std::vector<Scenario> change_scenarios();
[[nodiscard]] std::vector<Scenario> key_scenarios();

} // namespace sluice::bench
