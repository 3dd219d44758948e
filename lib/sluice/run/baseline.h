#pragma once
// Migrations whose effect was in the database before sluice was: recorded as applied, without any
// action. Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

#include <vector>

namespace sluice {

/// Throws Error{refused} where one has begun and is not finished.
[[nodiscard]] std::vector<BaselineMark> baseline_marks(const std::vector<const Migration*>& chosen,
                                                       const std::vector<MigrationRecord>& records);

std::vector<BaselineMark> mark_baseline(Workplace& workplace,
                                        const std::vector<const Migration*>& chosen);
std::vector<BaselineMark> unmark_baseline(Workplace& workplace,
                                          const std::vector<const Migration*>& chosen);

/// Throws Error{refused} for a migration so recorded: there is nothing to take back or go on with.
void refuse_baselined(const MigrationRecord& record);

} // namespace sluice
