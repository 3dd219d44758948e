#include "sluice/plan/changes/outline.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

/// The old version of the application may need the index, so it goes in contract.
Outline outline(const DropIndexChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const auto& indexes = site.table.indexes;
    const auto found = std::find_if(indexes.begin(), indexes.end(),
                                    [&](const Index& index) { return index.name == change.name; });
    if (found == indexes.end()) {
        std::vector<std::string> names;
        for (const Index& index : indexes) {
            names.push_back(index.name);
        }
        fail_at(
            site.location,
            fmt::format("table \"{}\" has no index \"{}\"", display(site.table.name), change.name),
            nearest_hint(change.name, names));
    }
    if (found->is_constraint) {
        refuse_at(site.location, fmt::format("index \"{}\" belongs to a constraint", change.name),
                  "Drop the constraint, and the index goes with it.");
    }
    return {.contract = {{.table = site.table.name,
                          .alterations = {DropIndex{site.table.name, *found}},
                          .reason = "from here on nobody needs it"}},
            .table = site.table.name};
}

} // namespace sluice
