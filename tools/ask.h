#pragma once
// What people ask of a run: written to the database together with its ledger entry, obeyed by the
// worker within one batch, and just as valid when no worker is alive.

#include "command.h"
#include "sluice/state/ledger.h"
#include "workspace.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

struct Request {
    std::optional<std::int64_t> run; ///< nullopt: the only one that fits
    Desired desired = Desired::running;
};

/// Returns the exit code.
int ask_run(Workspace& workspace, const Request& request);

/// The same for a run that is known, without a word: returns the answer. Throws Error{refused}.
[[nodiscard]] std::string ask_of(Workspace& workspace, Session& session, const RunRecord& run,
                                 Desired desired);

/// Sets the pace that `change` makes of the one before, recorded in the ledger; returns it.
Pace change_pace(Workspace& workspace, Session& session, std::int64_t run,
                 const std::function<Pace(const Pace&)>& change);

/// Options of a command that asks a run for this.
[[nodiscard]] std::function<Run(CLI::App&)> asks_for(Desired desired);

/// Runs `work` in a transaction, again when the database was busy.
void change_state(Workspace& workspace, Session& session, const std::function<void()>& work);

/// Is somebody at work in this database now? The state tables must be there.
[[nodiscard]] bool has_worker(Session& session);

/// "goes on", or that no worker is alive and which command starts one.
[[nodiscard]] std::string going_on(Session& session);

/// Prints what was answered; for machines the run as it is now.
void print_run(Workspace& workspace, Session& session, const std::string& answer, std::int64_t run);

/// Appends what a person did to a run, within the transaction that did it.
void record_asked(Workspace& workspace, Session& session, std::int64_t run, LedgerEntry entry);

/// What the run does, as it was recorded.
[[nodiscard]] BackfillWork work_of(Session& session, const RunRecord& run);

/// Throws Error{usage} where a command that may not go without --reason has none.
void require_reason(Workspace& workspace, std::string_view example);

} // namespace sluice
