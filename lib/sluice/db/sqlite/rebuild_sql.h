#pragma once
// The statement that writes a table anew with other UNIQUE constraints (rebuild.h), from values.
// Private to db/.

#include "sluice/db/sqlite/dialect.h"
#include "sluice/db/sqlite/rebuild.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

[[nodiscard]] TableEdit without_constraint(const SqliteDialect& dialect, const Index& unique);
[[nodiscard]] TableEdit with_constraint(const SqliteDialect& dialect, const Index& unique);
[[nodiscard]] TableEdit with_constraint_moved(const SqliteDialect& dialect, const Index& from,
                                              const Index& to);

[[nodiscard]] std::string rebuilt(const SqliteDialect& dialect, const TableName& table,
                                  const std::vector<TableEdit>& edits);
/// "the database's write lock while its 20 rows are copied …"
[[nodiscard]] std::string lock_of_rebuild(const Table& table);

} // namespace sluice::sqlite
