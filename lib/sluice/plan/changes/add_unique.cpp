#include "sluice/plan/changes/named.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {

/// A rule for every version of the application, so it comes at contract. Building its index is what
/// may fail.
Outline outline(const AddUniqueChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_taken_name(site, change.name);
    const TableName& table = site.table.name;
    Index index{.name = change.name,
                .unique = true,
                .is_constraint = site.dialect.capabilities().moves_unique_constraints,
                .nulls_not_distinct = change.nulls_not_distinct};
    Outline outline{.table = table};
    for (const std::string& column : change.columns) {
        (void)require_column(site.table, column, site.location);
        index.parts.push_back({.column = column});
        outline.reads += column + "\n";
    }
    outline.validations.push_back(
        {.table = table,
         .alterations = {CreateIndex{table, std::move(index)}},
         .reason = "every version of the application is held to it from here on"});
    outline.notes.push_back(fmt::format(
        "\"{}\" fails at contract where two rows of \"{}\" are alike in {}. An application that "
        "needs it earlier, for an upsert, wants add_index with unique = true.",
        change.name, display(table), quoted_names(change.columns)));
    return outline;
}

} // namespace sluice
