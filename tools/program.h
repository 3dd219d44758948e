#pragma once
// Picks the command that the arguments name, parses its options and runs it.

#include "command.h"
#include "sluice/report/output.h"

#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

/// All commands, in the order in which the overview lists them.
[[nodiscard]] std::vector<Command> all_commands();

/// Returns the exit code; throws Error. `stop` is also where a closed output asks to stop.
[[nodiscard]] int run_program(const std::vector<std::string>& arguments, std::stop_source stop,
                              Output& output);

} // namespace sluice
