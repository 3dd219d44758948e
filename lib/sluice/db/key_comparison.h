#pragma once
// How the engines that run a row value as a range scan write "key > values". Private to db/.

#include "sluice/db/dialect.h"

#include <string_view>
#include <vector>

namespace sluice {

/// Appends `"a" > x` for one column, `("a", "b") > (x, y)` for several.
void append_row_value(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                      std::string_view comparison, const KeyValues& values);

/// Does an index (or the primary key) start with exactly these columns, in this order?
[[nodiscard]] bool has_key_index(const Table& table, const std::vector<Column>& key);

} // namespace sluice
