#pragma once
// Drift: a table that is not as sluice left it, because somebody else changed it. What was planned
// for the one may be wrong for the other, so schema changes stop at it. Private to run/.

#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct Drift {
    TableName table;
    std::vector<std::string> differences;
};

/// Those of `tables` that were recorded and are not as recorded.
[[nodiscard]] std::vector<Drift> find_drift(Session& session, const std::vector<TableName>& tables,
                                            const Catalog& found);
/// `table "users": column "age" is missing; …`
[[nodiscard]] std::string describe(const std::vector<Drift>& drift);

/// Every table that the actions touch, once.
[[nodiscard]] std::vector<TableName> tables_of(const std::vector<ActionRecord>& actions);

/// Before an action changes a schema. Throws Error{refused} with the differences, unless the
/// options accept them; then what is found is recorded, and the differences in the ledger.
void refuse_drift(Workplace& workplace, const std::string& version,
                  const std::vector<TableName>& tables);

/// Before a migration begins: what it finds is what it was planned for, so only another migration
/// that is still to contract one of the tables makes a difference into drift.
void adopt_tables(Workplace& workplace, const std::string& version,
                  const std::vector<TableName>& tables);

} // namespace sluice
