#pragma once
// Foreign keys as information_schema tells them: a row a column, put together again. Private to
// db/.

#include "sluice/db/statement.h"
#include "sluice/db/table.h"

#include <map>
#include <string>
#include <vector>

namespace sluice {

/// What to ask for, of which tables, and in which order, for foreign_keys_in().
inline constexpr const char* foreign_key_columns =
    "k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, "
    "k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, "
    "r.UPDATE_RULE, r.DELETE_RULE, k.TABLE_SCHEMA = DATABASE(), "
    "k.REFERENCED_TABLE_SCHEMA = DATABASE()";
inline constexpr const char* foreign_key_tables =
    "KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r "
    "ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME "
    "AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME";
inline constexpr const char* foreign_key_order =
    "k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";

/// By the name of the table of our own database.
struct FoundKeys {
    std::map<std::string, std::vector<ForeignKey>> outgoing;
    std::map<std::string, std::vector<ForeignKey>> incoming; ///< as Table::referenced_by has them
};

[[nodiscard]] FoundKeys foreign_keys_in(const Rows& rows);

} // namespace sluice
