#pragma once
// The triggers of a sync across two tables, on PostgreSQL: one function a table, after each row.

#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/table_sync.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string> create_table_sync(const PostgresqlDialect& dialect,
                                                         const TableSync& sync);
/// The triggers and functions alone: what the tables share stays as it is.
[[nodiscard]] std::vector<std::string> drop_table_sync(const PostgresqlDialect& dialect,
                                                       const TableSync& sync);
/// The new table's key numbers itself with the old one's sequence, or from where that stands.
[[nodiscard]] std::string share_numbers(const PostgresqlDialect& dialect, const TableSync& sync);
[[nodiscard]] std::string take_over_numbers(const PostgresqlDialect& dialect,
                                            const TableSync& sync);

} // namespace sluice::postgresql
