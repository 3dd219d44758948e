#include "sluice/plan/changes/twin.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

namespace sluice {

Outline outline(const RenameColumnChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const Column& old = require_column(site.table, change.from, site.location);
    Column next = old;
    next.name = change.to;
    const Dialect& dialect = site.dialect;
    return outline_of(
        {.old = old,
         .next = next,
         .name = change.to,
         .up = {.expression = dialect.quote(old.name), .domain = {}, .is_total = true},
         .down = {.expression = dialect.quote(next.name), .domain = {}, .is_total = true},
         .down_sees = {},
         .reads = {}},
        site);
}

} // namespace sluice
