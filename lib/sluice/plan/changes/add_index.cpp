#include "sluice/plan/changes/index_part.h"
#include "sluice/plan/changes/named.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {

namespace {

Index index_of(const AddIndexChange& change, const Site& site)
{
    const Dialect& dialect = site.dialect;
    Index index{
        .name = change.name,
        .unique = change.unique,
        .nulls_not_distinct = change.nulls_not_distinct,
        .method = optional_text(change.method, dialect, "`method`", site.location).value_or(""),
        .included = change.include,
        .predicate = optional_text(change.where, dialect, "`where`", site.location).value_or("")};
    for (const EngineText& column : change.columns) {
        const std::string text = require_text(column, dialect, "`columns`", site.location);
        const auto part = parse_index_part(text, dialect.server().engine);
        if (!part) {
            fail_at(site.location, fmt::format("\"{}\" is no column of an index", text),
                    "Write a column as in CREATE INDEX: \"email\", \"created_at DESC\", "
                    "\"title(20)\", or an expression in parentheses: \"(lower(email))\".");
        }
        if (!part->column.empty()) {
            (void)require_column(site.table, part->column, site.location);
        }
        index.parts.push_back(*part);
    }
    for (const std::string& column : change.include) {
        (void)require_column(site.table, column, site.location);
    }
    return index;
}

std::string mentioned_in(const Index& index)
{
    std::string text = index.predicate;
    for (const IndexPart& part : index.parts) {
        text += "\n" + part.column + part.expression;
    }
    return text;
}

} // namespace

/// An index is there before the application that wants it, so it is made in expand.
Outline outline(const AddIndexChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_taken_name(site, change.name);
    Index index = index_of(change, site);
    Outline outline{.table = site.table.name, .reads = mentioned_in(index)};
    if (index.unique) {
        outline.notes.push_back(fmt::format(
            "index \"{}\" is unique: building it fails where two rows are alike, and from then on "
            "every version of the application is held to it",
            index.name));
    }
    outline.expand.push_back({.table = site.table.name,
                              .alterations = {CreateIndex{site.table.name, std::move(index)}}});
    return outline;
}

} // namespace sluice
