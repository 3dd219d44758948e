#pragma once
// The real program, run from outside.

#include <string>
#include <vector>

namespace sluice::test {

struct ProgramResult {
    int exit_code = 0;  ///< 128 + signal where a signal ended it
    std::string output; ///< standard output and standard error, in the order in which they came
};

/// Runs build/…/sluice with these arguments, no standard input, and waits for its end.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments);

} // namespace sluice::test
