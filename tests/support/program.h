#pragma once
// The real program, run from outside.

#include <sys/types.h>

#include <string>
#include <vector>

namespace sluice::test {

struct ProgramEnd {
    int exit_code = 0; ///< 128 + signal where a signal ended it
    long peak_kib = 0; ///< the most memory that it had
};

struct ProgramResult {
    int exit_code = 0;  ///< as above
    std::string output; ///< standard output and standard error, in the order in which they came
};

/// Runs build/…/sluice with these arguments, no standard input, and waits for its end.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments);

/// Starts it with its standard output thrown away; await_program is to be called for it.
[[nodiscard]] pid_t start_program(const std::vector<std::string>& arguments);
/// The same for another program.
[[nodiscard]] pid_t start_executable(const std::string& path,
                                     const std::vector<std::string>& arguments);
ProgramEnd await_program(pid_t program);

} // namespace sluice::test
