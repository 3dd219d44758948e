#include "sluice/plan/changes/outline.h"

namespace sluice {

Outline outline(const SetNotNullChange& change, const Site& site)
{
    return outline(
        ChangeColumnChange{.table = change.table, .column = change.column, .nullable = false},
        site);
}

Outline outline(const DropNotNullChange& change, const Site& site)
{
    return outline(
        ChangeColumnChange{.table = change.table, .column = change.column, .nullable = true}, site);
}

} // namespace sluice
