// The old version of the application needs the table until contract, which puts it aside under a
// reserved name: who still writes to it learns so at once, and the way back has every row. Its
// foreign keys go once it is aside, whatever their rules: nobody uses its rows, so that nothing may
// be refused, or deleted, because of them.

#include "sluice/plan/changes/outline.h"
#include "sluice/plan/changes/table_keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
Outline outline(const DropTableChange& /*change*/, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_referring(site);
    refuse_readers(site.table, site.catalog, site.dialect, site.location);
    const TableName kept = new_table_name(site.catalog, kept_table(site.table.name, site.dialect),
                                          site.dialect, site.location);
    const Table aside = put_aside(site, kept);
    const std::vector<ForeignKey> keys = keys_to_others(aside);
    Outline outline{
        .contract = {{.table = site.table.name,
                      .alterations = {RenameTable{site.table.name, kept}},
                      .reason = fmt::format("the application works without \"{}\" from here on",
                                            display(site.table.name)),
                      .summary = fmt::format("put table \"{}\" aside, which is kept until purge as "
                                             "\"{}\"",
                                             display(site.table.name), display(kept))}},
        .purge = {{.table = kept,
                   .alterations = {DropTable{lacking(aside, keys)}},
                   .reason = fmt::format("what contract kept of \"{}\" is no longer needed",
                                         display(site.table.name))}},
        .table = site.table.name,
        .whole_tables = {site.table.name, kept}};
    for (Group& group : without_keys(aside, keys, site)) {
        outline.contract.push_back(std::move(group));
        outline.notes.push_back(fmt::format(
            "Contract drops the foreign keys of \"{}\" with it. A rollback brings them back before "
            "the table, and stops at rows that refer to what is gone since.",
            display(site.table.name)));
    }
    return outline;
}

} // namespace sluice
