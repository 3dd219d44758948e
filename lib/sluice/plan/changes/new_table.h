#pragma once
// A table that a change makes, as the file describes it. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

struct NewTable {
    TableName name;
    const std::vector<ColumnDefinition>& columns;
    const std::vector<std::string>& primary_key;
    const std::vector<IndexDefinition>& indexes;
};

/// Throws Error{definition} for what does not fit together, Error{refused} for a name that is
/// taken.
[[nodiscard]] Table table_of(const NewTable& asked, const Ground& ground);

} // namespace sluice
