#pragma once
// The triggers of a sync across two tables, on SQLite: three a table, after each row.

#include "sluice/db/sqlite/dialect.h"
#include "sluice/db/table_sync.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

[[nodiscard]] std::vector<std::string> create_table_sync(const SqliteDialect& dialect,
                                                         const TableSync& sync);
[[nodiscard]] std::vector<std::string> drop_table_sync(const SqliteDialect& dialect,
                                                       const TableSync& sync);
/// The old table's last row: so the new one numbers on from there.
[[nodiscard]] std::string share_numbers(const SqliteDialect& dialect, const TableSync& sync);

} // namespace sluice::sqlite
