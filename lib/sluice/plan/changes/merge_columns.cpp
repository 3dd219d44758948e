#include "sluice/plan/changes/reshape.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

const EngineText& way_back(const MergeColumnsChange& change, const std::string& column,
                           const Site& site)
{
    const auto found = std::find_if(change.downs.begin(), change.downs.end(),
                                    [&](const auto& down) { return down.first == column; });
    if (found == change.downs.end()) {
        fail_at(site.location, fmt::format("`downs` does not say how \"{}\" is written", column),
                fmt::format("Add {} = \"…\" to it, SQL over \"{}\".", column, change.into.name));
    }
    return found->second;
}

void refuse_other_ways(const MergeColumnsChange& change, const Site& site)
{
    for (const auto& [column, text] : change.downs) {
        if (!contains(change.columns, column)) {
            fail_at(site.location,
                    fmt::format("`downs` gives \"{}\", which is not among `columns`", column),
                    nearest_hint(column, change.columns));
        }
    }
}

} // namespace

Outline outline(const MergeColumnsChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_other_ways(change, site);
    Reshape reshape;
    for (const std::string& column : change.columns) {
        (void)require_column(site.table, column, site.location);
        reshape.olds.push_back(
            old_column(column, way_back(change, column, site), {}, "downs." + column, site));
    }
    reshape.news = {new_column(change.into, reshape.olds.front().column, site)};
    return outline_of(reshape, site);
}

} // namespace sluice
