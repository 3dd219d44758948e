#pragma once
// The one switch that stops every run of a database, those that begin later too: a row that the
// fence of each batch reads. And what people's wishes, the brake among them, mean for one run.

#include "sluice/db/session.h"
#include "sluice/state/runs.h"

#include <string>

namespace sluice {

struct BrakeRecord {
    bool is_engaged = false;
    std::string actor; ///< who engaged it
    std::string reason;
    std::string at; ///< server time, UTC
};

/// The state tables must be there.
[[nodiscard]] BrakeRecord read_brake(Session& session);

/// False: it was engaged already, and is left as it was. Recorded in the ledger by the caller, in
/// the same transaction.
[[nodiscard]] bool engage_brake(Session& session, const Actor& actor, const std::string& reason);
/// False: it was not engaged.
[[nodiscard]] bool release_brake(Session& session);

/// Why people want no batch of this run to begin now, as wait_reason says it: "paused", "held until
/// …: reason", "all runs are stopped: reason". Empty: one may begin.
[[nodiscard]] std::string wished_wait(const RunRecord& run, const BrakeRecord& brake);

} // namespace sluice
