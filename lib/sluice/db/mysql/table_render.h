#pragma once
// Groups that are about whole tables (table_alteration.h), on MySQL and MariaDB.

#include "sluice/db/alteration.h"
#include "sluice/db/mysql/dialect.h"

#include <vector>

namespace sluice::mysql {

[[nodiscard]] std::vector<Rendered> render_tables(const MysqlDialect& dialect,
                                                  const std::vector<Alteration>& group);

} // namespace sluice::mysql
