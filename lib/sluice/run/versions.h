#pragma once
// What versions of a schema forbid: a version shows what every migration before it leaves of the
// tables, so that none of these may go another way under it. Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

namespace sluice {

/// Throws Error{refused} while an earlier migration that has no views waits for contract: what it
/// is going to put aside, the views of this one would show.
void refuse_unseen_contract(Workplace& workplace, const Migration& migration);

/// Throws Error{refused} where a later migration's views stand on what this one has made.
void refuse_under_later_versions(Workplace& workplace, const MigrationRecord& record);

} // namespace sluice
