#pragma once
// Groups that are about whole tables (table_alteration.h), on SQLite.

#include "sluice/db/alteration.h"
#include "sluice/db/sqlite/dialect.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

[[nodiscard]] std::vector<Rendered> render_tables(const SqliteDialect& dialect,
                                                  const std::vector<Alteration>& group);

/// Throws Error{refused} for what SQLite's indexes have not.
[[nodiscard]] std::string create_index(const SqliteDialect& dialect, const TableName& table,
                                       const Index& index);

} // namespace sluice::sqlite
