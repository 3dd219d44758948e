#include "sluice/plan/changes/reshape.h"
#include "sluice/plan/refusals.h"

namespace sluice {

Outline outline(const SplitColumnChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    Reshape reshape{.olds = {old_column(change.column, change.down, change.down_ok, "down", site)},
                    .news = {}};
    for (const IntoColumn& into : change.into) {
        reshape.news.push_back(new_column(into, reshape.olds.front().column, site));
    }
    return outline_of(reshape, site);
}

} // namespace sluice
