#include "sluice/db/tokens.h"
#include "sluice/plan/changes/constraint.h"
#include "sluice/plan/changes/named.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

namespace sluice {

Outline outline(const AddCheckChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_taken_name(site, change.name);
    const std::string sql = require_text(change.check, site.dialect, "`check`", site.location);
    refuse_volatile(sql, "`check`", site.dialect, site.location);
    Check check{.name = change.name, .expression = "(" + sql + ")"};
    for (const Column& column : site.table.columns) {
        if (mentions(sql, column.name, site.dialect.server().engine)) {
            check.columns.push_back(column.name);
        }
    }
    Outline outline = outline_of(check, site);
    outline.reads = sql;
    return outline;
}

} // namespace sluice
