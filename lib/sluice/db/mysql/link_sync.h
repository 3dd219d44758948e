#pragma once
// The triggers of a link sync, on MySQL and MariaDB: what a row takes it is given before it is
// written, what it says is carried after.

#include "sluice/db/link_sync.h"
#include "sluice/db/mysql/dialect.h"

#include <string>
#include <vector>

namespace sluice::mysql {

/// The triggers of one of the two tables, which at this point of a group may go by another name.
/// The one that carries what is inserted comes last: what is inserted before is left to the
/// backfill, and so what changes it may be.
[[nodiscard]] std::vector<std::string> create_link_side(const MysqlDialect& dialect,
                                                        const LinkSync& sync,
                                                        const TableName& table,
                                                        const TableName& now_called);
[[nodiscard]] std::vector<std::string> create_link_sync(const MysqlDialect& dialect,
                                                        const LinkSync& sync);
[[nodiscard]] std::vector<std::string> drop_link_sync(const MysqlDialect& dialect,
                                                      const LinkSync& sync);

} // namespace sluice::mysql
