#pragma once
// The triggers of a link sync, on SQLite: up to four a table, after each row.

#include "sluice/db/link_sync.h"
#include "sluice/db/sqlite/dialect.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

[[nodiscard]] std::vector<std::string> create_link_sync(const SqliteDialect& dialect,
                                                        const LinkSync& sync);
[[nodiscard]] std::vector<std::string> drop_link_sync(const SqliteDialect& dialect,
                                                      const LinkSync& sync);

} // namespace sluice::sqlite
