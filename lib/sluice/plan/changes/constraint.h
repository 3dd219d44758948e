#pragma once
// A new rule over rows: the rows are verified while the old application still writes, and every
// version is held to the rule from contract on. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

/// Throws Error{refused} for a table without a key by which its rows can be verified.
[[nodiscard]] Outline outline_of(const Constraint& constraint, const Site& site);

/// Does an index begin with these columns?
[[nodiscard]] bool has_index(const Table& table, const std::vector<std::string>& columns);
/// Of the key's name.
[[nodiscard]] Index index_for(const ForeignKey& key);
/// A sentence about a table that has none.
[[nodiscard]] std::string lacks_index(const TableName& table, const ForeignKey& key);

} // namespace sluice
