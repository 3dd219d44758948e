#pragma once
// Columns that take the place of others which together mean the same: those that one is split into,
// or the one that several are merged into. How they are added, kept in step with the old ones,
// filled and checked, and how the old ones are put aside and in the end dropped. Unlike a twin
// (twin.h) they take over nothing that hangs on an old column. Private to plan/.

#include "sluice/migration/shape_changes.h"
#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

/// A column of either shape, and its value over the columns of the other.
struct ShapeColumn {
    Column column; ///< a new one: as it will be in the end
    Conversion value;
};

struct Reshape {
    std::vector<ShapeColumn> olds;
    std::vector<ShapeColumn> news;
};

/// A new column as the file declares it. A text is as the old column's is where nothing is said.
[[nodiscard]] ShapeColumn new_column(const IntoColumn& into, const Column& old, const Site& site);
/// An old column with its way back; `key` is how the file calls that: "downs.first_name".
[[nodiscard]] ShapeColumn old_column(const std::string& name, const EngineText& down,
                                     const std::optional<EngineText>& down_ok,
                                     const std::string& key, const Site& site);

/// A rule over a column that goes, which would be lost without a word: throws Error{refused}.
void refuse_unique(const Site& site, const Column& old);

/// Throws Error{refused} where a column cannot be taken apart from what hangs on it.
[[nodiscard]] Outline outline_of(const Reshape& reshape, const Site& site);

} // namespace sluice
