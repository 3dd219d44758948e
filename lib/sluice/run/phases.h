#pragma once
// The phases of one migration, each from wherever an earlier try left it. Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"
#include "sluice/verify/verify.h"

#include <vector>

namespace sluice {

/// Throws Error{refused} while the migration is on its way back.
void refuse_going_back(const MigrationRecord& record);

/// To `expanded`.
void expand_phase(Workplace& workplace, MigrationRecord& record);
/// To `migrated`, through `expanded` where it is not there yet.
[[nodiscard]] RunEnd migrate_phase(Workplace& workplace, const Migration& migration,
                                   MigrationRecord& record);
[[nodiscard]] RunEnd contract_phase(Workplace& workplace, const Migration& migration,
                                    MigrationRecord& record);
[[nodiscard]] RunEnd purge_phase(Workplace& workplace, MigrationRecord& record);

/// One step back: to `migrated` from after the gate, else to `pending`.
[[nodiscard]] RunEnd go_back(Workplace& workplace, const Migration& migration,
                             MigrationRecord& record);

[[nodiscard]] std::vector<VerifyReport> verify_again(Workplace& workplace,
                                                     const MigrationRecord& record);

} // namespace sluice
