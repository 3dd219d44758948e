#include "sluice/migration/from_sql/part.h"

#include <algorithm>

namespace sluice {

namespace {

/// A column's change of type with its NOT NULL, as they may stand in one statement.
bool merge_into(SqlPart& first, const SqlPart& second)
{
    auto* kind = std::get_if<ChangeKind>(&first.what);
    const auto* other = std::get_if<ChangeKind>(&second.what);
    auto* change = kind == nullptr ? nullptr : std::get_if<ChangeColumnChange>(kind);
    if (change == nullptr || other == nullptr || first.table != second.table ||
        first.subject != second.subject) {
        return false;
    }
    const bool sets = std::holds_alternative<SetNotNullChange>(*other);
    if (!sets && !std::holds_alternative<DropNotNullChange>(*other)) {
        return false;
    }
    change->nullable = !sets;
    first.understood += sets ? "; and NOT NULL" : "; and NULL allowed";
    return true;
}

} // namespace

void merge_parts(std::vector<SqlPart>& parts)
{
    std::vector<SqlPart> merged;
    for (SqlPart& part : parts) {
        const bool is_merged = std::any_of(merged.begin(), merged.end(), [&](SqlPart& known) {
            return merge_into(known, part) || merge_into(part, known);
        });
        if (!is_merged) {
            merged.push_back(std::move(part));
        }
    }
    parts = std::move(merged);
}

} // namespace sluice
