#pragma once
// The columns by which a table is walked. Private to plan/.

#include "sluice/db/dialect.h"
#include "sluice/migration/change.h"

#include <string>
#include <vector>

namespace sluice {

/// The primary key, or the columns asked for when they are all those of a unique index, in the
/// index's order. Throws Error{refused} with the alternatives where the table cannot be walked so.
[[nodiscard]] std::vector<Column> choose_key(const Table& table,
                                             const std::vector<std::string>& asked,
                                             const Dialect& dialect, const Location& location);

/// The keys of the table by which it can be walked: the primary key first, then unique indexes.
[[nodiscard]] std::vector<std::vector<std::string>> usable_keys(const Table& table,
                                                                const Dialect& dialect);

/// Has the table a key, or a unique index over all rows, of just these columns? A foreign key may
/// then refer to them.
[[nodiscard]] bool is_unique(const Table& table, std::vector<std::string> columns);

} // namespace sluice
