#pragma once
// The statements that make and remove a sync on MySQL and MariaDB: a BEFORE INSERT and a BEFORE
// UPDATE trigger, made after the user's own and so fired after them. Each statement may be run
// again.

#include "sluice/db/mysql/dialect.h"

#include <string>
#include <vector>

namespace sluice::mysql {

[[nodiscard]] std::vector<std::string> create_sync(const MysqlDialect& dialect, const Sync& sync);
[[nodiscard]] std::vector<std::string> drop_sync(const MysqlDialect& dialect, const Sync& sync);

} // namespace sluice::mysql
