#pragma once
// The statements that make and remove a sync on SQLite: AFTER triggers that update the row just
// written, because SQLite's triggers cannot change NEW. Each inner UPDATE leaves a row alone that
// is in step, so it does not matter whether recursive_triggers is on.

#include "sluice/db/sqlite/dialect.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

[[nodiscard]] std::vector<std::string> create_sync(const SqliteDialect& dialect, const Sync& sync);
[[nodiscard]] std::vector<std::string> drop_sync(const SqliteDialect& dialect, const Sync& sync);

} // namespace sluice::sqlite
