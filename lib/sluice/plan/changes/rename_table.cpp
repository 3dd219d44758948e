// From expand on the table has two names; contract makes the new one its own and the old one the
// view's, and purge ends it. Both versions of the application write the same rows all the time.

#include "sluice/plan/changes/outline.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

Alias alias_of(const TableName& name, const Table& table, const TableName& named)
{
    return {.name = name, .table = named, .columns = column_names(table)};
}

void refuse_unnameable(const Site& site, const TableName& to)
{
    if (!site.dialect.capabilities().writable_views) {
        refuse_at(site.location,
                  fmt::format("table \"{}\" cannot have two names that are both written: a view "
                              "here takes no default and tells nobody the key of a new row",
                              display(site.table.name)),
                  "Give the rows a new table with kind = \"copy_table\"; or stop the application "
                  "and write [[contract]] sql = \"ALTER TABLE … RENAME TO …\".");
    }
    if (to.schema != site.table.name.schema) {
        refuse_at(site.location,
                  fmt::format("\"{}\" and \"{}\" are in two schemas", display(site.table.name),
                              display(to)),
                  "Name a table of the same schema in `to`.");
    }
}

} // namespace

Outline outline(const RenameTableChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    TableName asked = change.to;
    if (asked.schema.empty()) {
        asked.schema = site.table.name.schema;
    }
    const TableName to = new_table_name(site.catalog, asked, site.dialect, site.location);
    const TableName& from = site.table.name;
    refuse_unnameable(site, to);
    refuse_readers(site.table, site.catalog, site.dialect, site.location);
    const Alias early = alias_of(to, site.table, from);
    const Alias late = alias_of(from, site.table, to);
    return {
        .expand = {{.table = from,
                    .alterations = {CreateAlias{early}},
                    .reason = "the new application reads and writes the table by its new name"}},
        .contract = {{.table = from,
                      .alterations = {DropAlias{early}, RenameTable{from, to}, CreateAlias{late}},
                      .reason = fmt::format("\"{}\" is a view until purge, for who still uses "
                                            "it",
                                            display(from))}},
        .purge = {{.table = to,
                   .alterations = {DropAlias{late}},
                   .reason = fmt::format("from here on nobody uses \"{}\"", display(from))}},
        .notes = {"Names of indexes, constraints and sequences stay as they are.",
                  "COPY and LOAD DATA into a view, TRUNCATE and foreign keys take the name "
                  "that is the table's own at the time."},
        .table = from,
        .whole_tables = {from, to}};
}

} // namespace sluice
