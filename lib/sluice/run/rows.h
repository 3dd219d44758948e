#pragma once
// The migrate phase: backfills and verifications, as actions with a record. Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"
#include "sluice/verify/verify.h"

#include <vector>

namespace sluice {

/// From wherever it is to its end. `done` is recorded with what it did. Throws Error{refused} for a
/// run that was cancelled.
[[nodiscard]] RunEnd backfill_action(Workplace& workplace, const Migration& migration,
                                     const MigrationRecord& record, ActionRecord& action);

/// Looks at every row and records what was found, good or bad.
VerifyReport verify_action(Workplace& workplace, const MigrationRecord& record,
                           ActionRecord& action);
/// The same; throws Error{refused} with the keys where rows fail.
void require_verified(Workplace& workplace, const MigrationRecord& record, ActionRecord& action);

/// A table may have been written without its triggers: every sweep and every verification is to be
/// done again before anything else.
void reopen_rows(Workplace& workplace, const MigrationRecord& record,
                 std::vector<ActionRecord>& actions);

/// After the way back from contract: what was verified before is no evidence any more. Within the
/// caller's transaction.
void reopen_verifications(Workplace& workplace, const MigrationRecord& record,
                          std::vector<ActionRecord> actions);

} // namespace sluice
