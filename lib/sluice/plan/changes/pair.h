#pragma once
// Two tables whose rows are kept in step by key: how one is filled from the other, and what must be
// true of each row of both. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

/// Inserts what is missing in the new table.
[[nodiscard]] Action fill_of(const TableSync& sync, const Dialect& dialect);

/// Every row of the old table has one in the new that is in step with it, and no row of the new
/// table is without one in the old.
[[nodiscard]] std::vector<Action> verifications_of(const TableSync& sync, const Dialect& dialect);

} // namespace sluice
