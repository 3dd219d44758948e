#pragma once
// One action, forward or back, in its mode, from wherever an earlier try left it. Private to run/.

#include "sluice/core/event.h"
#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

namespace sluice {

/// Runs a SchemaWork action to `done`, or its undo to `undone`, and records how that went. Throws
/// Error; the record says then how far it came.
void carry_out(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record,
               Direction direction);

} // namespace sluice
