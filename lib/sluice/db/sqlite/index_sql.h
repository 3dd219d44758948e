#pragma once
// What SQLite tells about an index only in the text of its CREATE INDEX. Private to db/.

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct IndexSql {
    std::vector<std::string> parts; ///< each column or expression, without COLLATE and direction
    std::string predicate;          ///< what follows WHERE; empty: a full index
};

/// Empty for an empty text, as of the index of a constraint.
[[nodiscard]] IndexSql read_index_sql(std::string_view create_index);

} // namespace sluice
