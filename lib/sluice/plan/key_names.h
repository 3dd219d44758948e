#pragma once
// What foreign keys are called where names of tables change. Private to plan/.

#include "sluice/db/dialect.h"
#include "sluice/db/table.h"

#include <string>

namespace sluice {

/// Has the server made the name from the table's? Then it goes with that.
[[nodiscard]] bool goes_with_table(const ForeignKey& key, const TableName& table);

/// What the key of `from` is called once that is called `to`.
[[nodiscard]] std::string key_name_after(const ForeignKey& key, const TableName& from,
                                         const TableName& to, const Dialect& dialect);

} // namespace sluice
