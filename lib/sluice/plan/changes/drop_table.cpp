// The old version of the application needs the table until contract, which puts it aside under a
// reserved name: who still writes to it learns so at once, and the way back has every row.

#include "sluice/plan/changes/outline.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
Outline outline(const DropTableChange& /*change*/, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_foreign_keys(site.table, site.location);
    refuse_readers(site.table, site.catalog, site.dialect, site.location);
    const TableName kept = new_table_name(site.catalog, kept_table(site.table.name, site.dialect),
                                          site.dialect, site.location);
    Table aside = site.table;
    aside.name = kept;
    return {.contract = {{.table = site.table.name,
                          .alterations = {RenameTable{site.table.name, kept}},
                          .reason = fmt::format("the application works without \"{}\" from here on",
                                                display(site.table.name)),
                          .summary = fmt::format("put table \"{}\" aside, which is kept until "
                                                 "purge as \"{}\"",
                                                 display(site.table.name), display(kept))}},
            .purge = {{.table = kept,
                       .alterations = {DropTable{aside}},
                       .reason = fmt::format("what contract kept of \"{}\" is no longer needed",
                                             display(site.table.name))}},
            .table = site.table.name,
            .whole_tables = {site.table.name, kept}};
}

} // namespace sluice
