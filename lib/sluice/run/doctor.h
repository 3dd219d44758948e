#pragma once
// What in a database would hurt the backfills that are to come: of the server, and of the tables
// that they change. Nothing is changed.

#include "sluice/db/findings.h"
#include "sluice/plan/action.h"

#include <string>
#include <vector>

namespace sluice {

/// A table that a backfill is going to change.
struct ChangedTable {
    Table table;
    BackfillKind kind = BackfillKind::set; ///< `into`: the target; `remove`: rows are deleted
    std::vector<std::string> columns;      ///< that are written
};

/// Those of the plans' backfills that are there already.
[[nodiscard]] std::vector<ChangedTable> changed_tables(const std::vector<Plan>& plans,
                                                       const Catalog& catalog);

/// What the schema alone tells: triggers of others that fire for each row, indexes on a column that
/// is written.
[[nodiscard]] std::vector<Finding> schema_findings(const ChangedTable& changed);

/// All of it, the worst first.
[[nodiscard]] std::vector<Finding> find_harm(Session& session, const std::vector<Plan>& plans,
                                             const FindingLimits& limits);

} // namespace sluice
