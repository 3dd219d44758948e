#pragma once
// The texts of --help and of `sluice` alone.

#include "command.h"

#include <string>
#include <vector>

namespace sluice {

[[nodiscard]] std::string overview(const std::vector<Command>& commands);
/// `app` holds the command's options and the common ones.
[[nodiscard]] std::string help_of(const Command& command, const CLI::App& app);

} // namespace sluice
