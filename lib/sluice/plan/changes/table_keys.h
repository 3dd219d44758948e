#pragma once
// The foreign keys of a table that is put aside. Until purge its rows must neither stop the
// application from changing what they refer to, nor be referred to. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <vector>

namespace sluice {

/// Of `referenced_by`: does the file drop it before it puts the table aside?
[[nodiscard]] bool is_dropped(const ForeignKey& key, const Site& site);

/// Foreign keys of other tables to this one, unless the file drops them. Throws Error{refused}.
void refuse_referring(const Site& site);

/// The table as it is once it is called `to`.
[[nodiscard]] Table put_aside(const Site& site, const TableName& to);

/// Those of its foreign keys that refer to other tables.
[[nodiscard]] std::vector<ForeignKey> keys_to_others(const Table& table);

/// The table when it no longer has the keys.
[[nodiscard]] Table lacking(Table table, const std::vector<ForeignKey>& keys);

/// Drops foreign keys of a table that was put aside. They come back, over rows that keep to them,
/// before the table does. Nothing where there are none.
[[nodiscard]] std::vector<Group>
without_keys(const Table& aside, const std::vector<ForeignKey>& keys, const Site& site);

} // namespace sluice
