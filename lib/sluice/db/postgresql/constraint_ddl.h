#pragma once
// How PostgreSQL takes a CHECK or a foreign key without a long lock: NOT VALID first, which holds
// for what is written from then on, then VALIDATE, which reads beside writers.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

/// Two actions; one for a constraint that is not to be valid.
[[nodiscard]] std::vector<Rendered>
add_constraint(const PostgresqlDialect& dialect, const Table& table, const Constraint& constraint);

/// The same for the way back: actions without steps forward, in the order in which a plan holds
/// them, which undo runs last to first. Rows that do not keep to it are found before anything else.
[[nodiscard]] std::vector<Rendered> restore_constraint(const PostgresqlDialect& dialect,
                                                       const Table& table,
                                                       const Constraint& constraint);

/// For several: an action after theirs, so that no row is found when some are back already.
[[nodiscard]] Rendered require_all(const PostgresqlDialect& dialect, const Table& table,
                                   const std::vector<Constraint>& constraints);

} // namespace sluice::postgresql
