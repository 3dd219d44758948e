#pragma once
// The triggers of a link sync, on PostgreSQL: one function a table, after each row.

#include "sluice/db/link_sync.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string> create_link_sync(const PostgresqlDialect& dialect,
                                                        const LinkSync& sync);
[[nodiscard]] std::vector<std::string> drop_link_sync(const PostgresqlDialect& dialect,
                                                      const LinkSync& sync);
/// The same with both tables locked, where more is altered than the triggers.
[[nodiscard]] std::vector<std::string> end_link_sync(const PostgresqlDialect& dialect,
                                                     const LinkSync& sync);

/// What stands before everything else in a transaction that changes the triggers, which name
/// columns, and what after it.
struct LinkSteps {
    std::vector<Step> before;
    std::vector<Step> after;
};

/// The triggers of one sync end, those of the other begin; either may be nullptr.
[[nodiscard]] LinkSteps link_steps(const PostgresqlDialect& dialect, const LinkSync* ended,
                                   const LinkSync* begun);
[[nodiscard]] std::vector<Step> between(const LinkSteps& links, std::vector<Step> steps);

/// An action of its own, where nothing shows with the triggers.
[[nodiscard]] Rendered link_triggers(const PostgresqlDialect& dialect, const LinkSync& sync);

} // namespace sluice::postgresql
