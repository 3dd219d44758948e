#include "sluice/plan/changes/further.h"
#include "sluice/plan/changes/succession.h"
#include "sluice/plan/changes/wider_key.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {

Outline outline(const ChangePrimaryKeyChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    switch (site.dialect.capabilities().key_widening) {
    case KeyWidening::by_twins:
        return by_twins(wider_key(change, site), site);
    case KeyWidening::by_successors:
        return by_successors(wider_key(change, site),
                             require_column(site.table, change.column, site.location), site);
    case KeyWidening::needless:
        refuse_at(site.location,
                  "an INTEGER PRIMARY KEY holds 64 bits on this engine, whatever its type is "
                  "called",
                  "Leave the change out; for a key of another sort, give the table a successor: "
                  "copy_table.");
    }
    refuse_at(site.location, "the primary key cannot be changed here", "Leave the change out.");
}

std::vector<Action> further_actions(const ChangePrimaryKeyChange& change, const Site& site)
{
    if (site.dialect.capabilities().key_widening != KeyWidening::by_successors) {
        return {};
    }
    return successor_actions(wider_key(change, site),
                             require_column(site.table, change.column, site.location), site);
}

} // namespace sluice
