#pragma once
// (Migration, Catalog, Dialect) -> Plan. Pure: nothing is executed, nothing is asked. One file in
// changes/ for each kind of change.

#include "sluice/db/catalog.h"
#include "sluice/db/dialect.h"
#include "sluice/migration/migration.h"
#include "sluice/plan/action.h"

namespace sluice {

/// Throws Error{definition} where the file does not fit the database (a missing table or column,
/// with the nearest name), and Error{refused} where it fits but must not or cannot be done: what,
/// why, and the way out.
[[nodiscard]] Plan make_plan(const Migration& migration, const Catalog& catalog,
                             const Dialect& dialect);

/// A statement whose syntax the server can check before anything is changed, and names that do not
/// exist yet, because an earlier action of the same plan makes them.
struct SyntaxProbe {
    std::string sql;  ///< a whole statement: SELECT (expression) FROM table …
    std::string what; ///< "`up` of column \"username\""
    Location location;
    std::vector<std::string>
        made_by_plan; ///< unknown-object errors that name one of these are expected
};

/// Every piece of SQL that a user wrote, as statements to check.
[[nodiscard]] std::vector<SyntaxProbe>
syntax_probes(const Migration& migration, const Catalog& catalog, const Dialect& dialect);

} // namespace sluice
