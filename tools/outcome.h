#pragma once
// How the commands that carry a migration on end: what is said, and the exit code.

#include "command.h"
#include "workspace.h"

#include <functional>
#include <string>
#include <vector>

namespace sluice {

/// The exit codes of a command that may change the database; `done` says what 0 means.
[[nodiscard]] std::vector<ExitCode> exit_codes_of_work(const std::string& done);
/// Those of a command that reads or records something small.
[[nodiscard]] std::vector<ExitCode> exit_codes_of_asking(const std::string& done);

struct Outcome {
    RunEnd end = RunEnd::done;
    std::string command; ///< that ends so, and with which it can be gone on
    std::string done;    ///< the line for `done`
};

/// Takes one migration after the other, until one does not come to its end.
RunEnd take_each(const std::vector<const Migration*>& chosen,
                 const std::function<RunEnd(const Migration&)>& step);

/// Prints the outcome and returns its exit code.
int conclude(Workspace& workspace, const Outcome& outcome);

} // namespace sluice
