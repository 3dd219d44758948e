#pragma once
// The conditions that must hold before contract. Evidence, not status: each condition says what was
// found, where, when, and the next command when it does not hold.

#include "sluice/db/session.h"
#include "sluice/migration/migration.h"
#include "sluice/state/ledger.h"

#include <string>
#include <vector>

namespace sluice {

struct GateCondition {
    std::string name; ///< "backfills are done"
    bool holds = false;
    std::string evidence; ///< "run 3: 200000 rows, done 2026-11-21T04:00:00Z"
    std::string next;     ///< the command that helps, when it does not hold
};

struct GateReport {
    std::vector<GateCondition> conditions;

    [[nodiscard]] bool is_open() const;
};

/// Migrated; backfills done; verified after the last of them; the definition in the folder is the
/// one that ran; no drift of the tables touched; soak time over; the file's own conditions true; no
/// approval outstanding. Changes nothing.
[[nodiscard]] GateReport check_gate(Session& session, const Migration& migration);

/// What `[gate] approve = true` asks for: somebody takes responsibility for contracting exactly
/// this definition, after it was expanded. Recorded in the ledger. Throws Error{refused} for a
/// migration that has not been expanded or whose file was edited since.
void approve(Session& session, const Migration& migration, const Actor& actor,
             const std::string& reason);

} // namespace sluice
