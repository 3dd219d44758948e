#pragma once
// The rows of sqlite_schema, all of them or those that some tables need to be known in full.
// Private to db/.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <string>
#include <vector>

namespace sluice::sqlite {

struct SchemaRow {
    std::string type;
    std::string name;
    std::string table;
    std::string sql;
};

/// Everything that belongs to the tables asked for, the tables that refer to them or that they
/// refer to, and all views. Asked for none: everything.
[[nodiscard]] std::vector<SchemaRow> read_schema(Session& session,
                                                 const std::vector<TableName>& tables);

/// The tables and views among `rows`, to select `type` and `name` from, for the pragmas to be
/// joined to. sqlite_schema itself would be read from end to end for each.
[[nodiscard]] std::string tables_of(const Dialect& dialect, const std::vector<SchemaRow>& rows);

} // namespace sluice::sqlite
