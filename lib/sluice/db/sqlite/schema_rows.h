#pragma once
// Which part of a SQLite file's schema has to be read so that some of its tables are known in full.
// Private to db/.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

/// What to select from: sqlite_schema, or the rows of it that belong to the tables asked for, to
/// those that refer to them and to those that they refer to, and all views. Asked for none: all.
[[nodiscard]] std::string nearby_schema(Session& session, const std::vector<TableName>& tables);

} // namespace sluice::sqlite
