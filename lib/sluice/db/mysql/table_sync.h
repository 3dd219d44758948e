#pragma once
// The triggers of a sync across two tables, on MySQL and MariaDB: three a table, after each row.

#include "sluice/db/mysql/dialect.h"
#include "sluice/db/table_sync.h"

#include <string>
#include <vector>

namespace sluice::mysql {

/// The triggers that carry the writes to one of the two tables, which at this point of a group may
/// go by another name. The one for INSERT comes last: what is inserted before is left to the
/// backfill, and so what changes it may be.
[[nodiscard]] std::vector<std::string> create_side(const MysqlDialect& dialect,
                                                   const TableSync& sync, const TableName& table,
                                                   const TableName& now_called);
[[nodiscard]] std::vector<std::string> drop_table_sync(const MysqlDialect& dialect,
                                                       const TableSync& sync);
/// The old table's last row: so the new one numbers on from there.
[[nodiscard]] std::string share_numbers(const MysqlDialect& dialect, const TableSync& sync);

} // namespace sluice::mysql
