#pragma once
// Edits of the text of a CREATE TABLE that ALTER TABLE cannot make: named constraints that come,
// go, and are called otherwise. Pure text in, pure text out.

#include "sluice/db/sqlite/table_sql.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The same text with this table constraint ("CONSTRAINT name CHECK (…)") after all others.
[[nodiscard]] std::string with_constraint(std::string_view create_table,
                                          std::string_view constraint);
/// The same text without the constraint of this name, of a column or of the table. Throws
/// Error{internal} where there is none.
[[nodiscard]] std::string without_constraint(std::string_view create_table, std::string_view name);
/// The same text without this piece of it.
[[nodiscard]] std::string without_constraint(std::string_view create_table,
                                             const ConstraintSql& found);
/// The same text without the foreign key over these columns to this table, named or not.
[[nodiscard]] std::string without_foreign_key(std::string_view create_table,
                                              const std::vector<std::string>& columns,
                                              std::string_view referenced);
[[nodiscard]] std::string with_constraint_name(std::string_view create_table, std::string_view from,
                                               std::string_view to);

} // namespace sluice
