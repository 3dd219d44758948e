#pragma once
// What people ask of a run: written to the database together with its ledger entry, obeyed by the
// worker within one batch, and just as valid when no worker is alive.

#include "command.h"
#include "workspace.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace sluice {

struct Request {
    std::optional<std::int64_t> run; ///< nullopt: the only one that fits
    Desired desired = Desired::running;
};

/// Returns the exit code.
int ask_run(Workspace& workspace, const Request& request);

/// Options of a command that asks a run for this.
[[nodiscard]] std::function<Run(CLI::App&)> asks_for(Desired desired);

/// Runs `work` in a transaction, again when the database was busy.
void change_state(Workspace& workspace, Session& session, const std::function<void()>& work);

/// Is a runner at work in this database now?
[[nodiscard]] bool has_worker(Session& session);

} // namespace sluice
