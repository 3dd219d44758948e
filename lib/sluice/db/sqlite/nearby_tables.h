#pragma once
// Which tables of a SQLite file have to be read so that some of them are known in full. Private to
// db/.

#include "sluice/db/catalog.h"
#include "sluice/db/session.h"

#include <string>
#include <vector>

namespace sluice {

/// An SQL condition on `column`, a table's name: true for those asked for, for those that refer to
/// them, and for those that they refer to. Asked for none: true for all.
[[nodiscard]] std::string nearby_tables(Session& session, const std::vector<TableName>& tables,
                                        const std::string& column);

} // namespace sluice
