#include "sluice/plan/changes/outline.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

/// A row that is deleted takes others with it, or is held by them.
void note_references(Outline& outline, const Site& site)
{
    for (const ForeignKey& key : site.table.referenced_by) {
        const bool cascades = key.on_delete == "CASCADE";
        outline.notes.push_back(fmt::format(
            "Table \"{}\" refers to \"{}\" with the foreign key \"{}\": {}",
            display(key.referenced), display(site.table.name), key.name,
            cascades ? "its rows are deleted too, however many they are."
            : key.on_delete.empty() || key.on_delete == "RESTRICT"
                ? "a row that is still referred to cannot be deleted and is set aside as bad."
                : fmt::format("its columns are changed (ON DELETE {}).", key.on_delete)));
    }
}

} // namespace

Outline outline(const PurgeRowsChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const Dialect& dialect = site.dialect;
    const std::string shown = display(site.table.name);
    BackfillWork work{.kind = BackfillKind::remove,
                      .table = site.table.name,
                      .key = choose_key(site.table, change.key, dialect, site.location)};
    work.needs_work = require_text(change.where, dialect, "`where`", site.location);
    const std::vector<Column> key = work.key;
    const std::string where = work.needs_work;
    Outline outline{.backfills = {{.phase = Phase::migrate,
                                   .summary = fmt::format("purge rows of \"{}\"", shown),
                                   .work = std::move(work),
                                   .undo = {},
                                   .irreversible = true,
                                   .tables = {site.table.name}}},
                    .table = site.table.name,
                    .reads = where,
                    .location = {}};
    outline.notes.push_back(
        fmt::format("Rows deleted from \"{}\" do not come back: rollback stops there.", shown));
    note_references(outline, site);
    return outline;
}

} // namespace sluice
