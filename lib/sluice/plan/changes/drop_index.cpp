#include "sluice/plan/changes/named.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {

/// The old version of the application may need the index, so it goes in contract.
Outline outline(const DropIndexChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const Index& index = require_index(site, change.name);
    if (index.is_constraint) {
        refuse_at(site.location, fmt::format("index \"{}\" belongs to a constraint", change.name),
                  "Drop the constraint with drop_constraint, and the index goes with it.");
    }
    return {.contract = {{.table = site.table.name,
                          .alterations = {DropIndex{site.table.name, index}},
                          .reason = "from here on nobody needs it"}},
            .table = site.table.name};
}

} // namespace sluice
