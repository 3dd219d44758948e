#pragma once
// A command of the program: what help says about it, its options, and what it does. Each stands in
// a file of its own under commands/; the list of all is in program.cpp.

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace sluice {

class Workspace;

enum class CommandGroup { author, pipeline, on_call, repair };

/// What Ctrl-C and SIGTERM mean to a command.
enum class Interrupt {
    at_once,     ///< nothing is under way that a transaction does not protect
    after_batch, ///< the batch is finished and the checkpoint kept; a second one ends at once
};

struct ExitCode {
    int code = 0;
    std::string meaning;
};

/// Does the command's work; returns the exit code or throws Error.
using Run = std::function<int(Workspace&)>;

struct Command {
    std::string name;
    CommandGroup group = CommandGroup::pipeline;
    Interrupt interrupt = Interrupt::at_once;
    std::string arguments; ///< as the usage line shows them: "[MIGRATION]"
    std::string summary;   ///< one line, for the overview
    std::string details;   ///< what it does, for its own help
    std::vector<std::string> examples;
    std::vector<ExitCode> exit_codes;
    /// Adds the command's own options and returns what runs with them.
    std::function<Run(CLI::App&)> define;
};

} // namespace sluice
