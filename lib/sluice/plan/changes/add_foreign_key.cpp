#include "sluice/db/sql_text.h"
#include "sluice/plan/changes/constraint.h"
#include "sluice/plan/changes/named.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice {

namespace {

std::string rule(const std::optional<std::string>& text, const char* key, const Site& site)
{
    static constexpr std::array rules{"NO ACTION", "RESTRICT", "CASCADE", "SET NULL",
                                      "SET DEFAULT"};
    if (!text) {
        return {};
    }
    const std::string found = upper_case(trimmed(*text));
    if (std::find(rules.begin(), rules.end(), found) == rules.end()) {
        fail_at(site.location, fmt::format("`{} = \"{}\"` is no rule of a foreign key", key, *text),
                "Write \"CASCADE\", \"SET NULL\", \"RESTRICT\", \"SET DEFAULT\" or \"NO ACTION\".");
    }
    return found == "NO ACTION" ? std::string() : found;
}

void check_parent(const ForeignKey& key, const Table& parent, const Site& site)
{
    if (key.columns.size() != key.referenced_columns.size()) {
        fail_at(site.location,
                fmt::format("{} of \"{}\" cannot refer to {} of \"{}\"", quoted_names(key.columns),
                            display(site.table.name), quoted_names(key.referenced_columns),
                            display(parent.name)),
                "Give as many `columns` as `referenced_columns`, in the same order.");
    }
    for (std::size_t n = 0; n < key.columns.size(); ++n) {
        const Column& column = require_column(site.table, key.columns[n], site.location);
        const Column& referenced = require_column(parent, key.referenced_columns[n], site.location);
        const bool may_differ = site.dialect.capabilities().foreign_keys_join_types;
        if (column.type.family != referenced.type.family ||
            (!may_differ && column.type != referenced.type)) {
            fail_at(site.location,
                    fmt::format("\"{}\" is {}, and \"{}\" of \"{}\" is {}", column.name,
                                column.type.sql, referenced.name, display(parent.name),
                                referenced.type.sql),
                    "Give both the same type first, with change_column in an earlier migration.");
        }
    }
    if (!is_unique(parent, key.referenced_columns)) {
        refuse_at(site.location,
                  fmt::format("{} of table \"{}\" need not be unique",
                              quoted_names(key.referenced_columns), display(parent.name)),
                  "A foreign key refers to a primary key or to a UNIQUE: add that in an earlier "
                  "migration with add_unique.");
    }
}

void add_index(Outline& outline, const ForeignKey& key, const Site& site)
{
    if (has_index(site.table, key.columns)) {
        return;
    }
    const TableName& table = site.table.name;
    if (site.dialect.capabilities().foreign_keys_need_index) {
        outline.indexes.push_back({.table = table,
                                   .alterations = {CreateIndex{table, index_for(key)}},
                                   .reason = "a foreign key needs an index over its columns"});
        return;
    }
    outline.notes.push_back(fmt::format("{} Add one with add_index.", lacks_index(table, key)));
}

} // namespace

Outline outline(const AddForeignKeyChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_taken_name(site, change.name);
    const Table& parent = require_table(site.catalog, change.references, site.location);
    const ForeignKey key{
        .name = change.name,
        .columns = change.columns,
        .referenced = parent.name,
        .referenced_columns =
            change.referenced_columns.empty() ? parent.primary_key : change.referenced_columns,
        .on_update = rule(change.on_update, "on_update", site),
        .on_delete = rule(change.on_delete, "on_delete", site),
    };
    check_parent(key, parent, site);
    Outline outline = outline_of(key, site);
    for (const std::string& column : key.columns) {
        outline.reads += column + "\n";
    }
    add_index(outline, key, site);
    return outline;
}

} // namespace sluice
