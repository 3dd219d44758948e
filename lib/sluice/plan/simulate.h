#pragma once
// What an alteration makes of a table, on the value: the planner follows the schema through the
// plan, so that a later action is rendered for the table as it will be then. Private to plan/.

#include "sluice/db/alteration.h"
#include "sluice/db/catalog.h"
#include "sluice/db/dialect.h"

#include <vector>

namespace sluice {

/// Throws Error{internal} where the alteration does not fit the table: a defect of the planner.
[[nodiscard]] Table altered(Table table, const Alteration& alteration, const Dialect& dialect);
[[nodiscard]] Table altered(Table table, const std::vector<Alteration>& group,
                            const Dialect& dialect);

} // namespace sluice
