#pragma once
// What a schema change did besides what it said: an index that went with a column, a view that went
// with CASCADE. Two readings of a table, before and after, are held against the SQL that ran.

#include "sluice/db/table.h"
#include "sluice/db/url.h"

#include <string>
#include <vector>

namespace sluice {

/// One line for each difference that no piece of `sql` mentions: what has gone or come must be
/// named itself, or else all of its columns; what has changed, or one of its columns. Names that
/// sluice reserves are its own business.
[[nodiscard]] std::vector<std::string> side_effects(const Table& before, const Table& after,
                                                    const std::vector<std::string>& sql,
                                                    Engine engine);

} // namespace sluice
