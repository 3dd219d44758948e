#pragma once
// NOT NULL on PostgreSQL: a check that is validated beside writers first, so that SET NOT NULL
// reads no row under its lock.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>

namespace sluice::postgresql {

/// The check's name, which is dropped as soon as the column is NOT NULL.
[[nodiscard]] std::string not_null_check(const PostgresqlDialect& dialect,
                                         const std::string& column);

[[nodiscard]] Rendered add_not_null_check(const PostgresqlDialect& dialect, const Table& table,
                                          const std::string& column);
[[nodiscard]] Rendered validate_not_null_check(const PostgresqlDialect& dialect, const Table& table,
                                               const std::string& column);

[[nodiscard]] Rendered validate_not_null_check_on_undo(const PostgresqlDialect& dialect,
                                                       const Table& table,
                                                       const std::string& column);
/// Runs first on the way back, so it is where a NULL must be found: nothing has changed yet.
[[nodiscard]] Rendered add_not_null_check_on_undo(const PostgresqlDialect& dialect,
                                                  const Table& table, const std::string& column);

} // namespace sluice::postgresql
