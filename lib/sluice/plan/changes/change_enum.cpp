#include "sluice/plan/changes/outline.h"
#include "sluice/plan/lookup.h"

namespace sluice {

Outline outline(const ChangeEnumChange& change, const Site& site)
{
    const Column& column = require_column(site.table, change.column, site.location);
    refuse_at(site.location,
              "the values of column \"" + column.name + "\" cannot be changed on this server",
              "Write the phases out: `sluice new sql`.");
}

} // namespace sluice
