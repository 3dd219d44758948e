#pragma once
// What the commands on migrations are told: which one, and what they may put up with.

#include "command.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace sluice {

struct RunnerWishes {
    bool allow_late = false;   ///< files that sort before an applied one
    bool accept_drift = false; ///< tables that somebody else has changed
};

void define_allow_late(CLI::App& app, RunnerWishes& wishes);
void define_accept_drift(CLI::App& app, RunnerWishes& wishes);

struct MigrationOptions {
    std::string migration; ///< version or name; empty: not given
    RunnerWishes wishes;
};

/// Options of a command: MIGRATION, with what help says about it, and these wishes.
[[nodiscard]] std::function<Run(CLI::App&)>
takes_migration(std::string about, std::vector<void (*)(CLI::App&, RunnerWishes&)> wishes,
                int (*run)(const MigrationOptions&, Workspace&));

} // namespace sluice
