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
        refuse_at(site.location,
                  fmt::format("the rows of table \"{}\" are kept in the order of its primary key, "
                              "and would have to be written anew with writers shut out",
                              display(site.table.name)),
                  "Give the table a successor with the wider key: copy_table.");
    case KeyWidening::needless:
        refuse_at(site.location,
                  "an INTEGER PRIMARY KEY holds 64 bits on this engine, whatever its type is "
                  "called",
                  "Leave the change out; for a key of another sort, give the table a successor: "
                  "copy_table.");
    }
    refuse_at(site.location, "the primary key cannot be changed here", "Leave the change out.");
}

} // namespace sluice
