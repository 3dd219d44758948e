#pragma once
// What joins the rows of two tables that are there, as the file names it. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

struct Link {
    std::vector<std::string> from; ///< columns of the change's own table
    std::vector<std::string> to;   ///< of the other one, in the same order
};

/// `on` as written: a column of `table` = the column of `other`. Throws Error{definition} for what
/// is not there, Error{refused} where the two cannot be compared by an index, or the other's are no
/// key of it.
[[nodiscard]] Link link_of(const std::vector<std::pair<std::string, EngineText>>& on,
                           const Site& site, const Table& other);

/// The primary keys of both, column by column.
[[nodiscard]] Link link_by_keys(const Site& site, const Table& other);

} // namespace sluice
