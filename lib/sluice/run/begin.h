#pragma once
// Before a migration changes anything: is this the file that was meant, does the server understand
// every piece of SQL in it, and what exactly will be done? Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

#include <vector>

namespace sluice {

/// Throws Error{definition} where the server does not understand a piece of SQL in the file, with
/// the place of the section that has it. Runs none of it.
void check_sql(Session& session, const Catalog& catalog, const Migration& migration);

/// Throws Error{refused} where the file is no longer what was applied.
void refuse_edited(const Migration& migration, const MigrationRecord& record);

/// Throws Error{refused} where a migration that sorts after this one has begun, unless the options
/// allow it.
void refuse_late(const Migration& migration, const std::vector<MigrationRecord>& records,
                 const RunnerOptions& options);

/// Plans, checks, and records the migration in state `expanding` with all its actions. Nothing else
/// is changed, and nothing at all when it throws.
[[nodiscard]] MigrationRecord begin_migration(Workplace& workplace, const Migration& migration);

} // namespace sluice
