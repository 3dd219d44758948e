#pragma once
// What a command that works may be told to put up with, as options of its own.

#include <CLI/CLI.hpp>

namespace sluice {

struct RunnerWishes {
    bool allow_late = false;   ///< files that sort before an applied one
    bool accept_drift = false; ///< tables that somebody else has changed
};

void define_allow_late(CLI::App& app, RunnerWishes& wishes);
void define_accept_drift(CLI::App& app, RunnerWishes& wishes);

} // namespace sluice
