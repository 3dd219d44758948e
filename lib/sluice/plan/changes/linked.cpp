#include "sluice/plan/changes/linked.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/reshape.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

/// Where a row is missing, every column would be at its default: that must be one value.
void refuse_changing_default(const Site& site, const Column& column)
{
    if (!column.default_sql) {
        return;
    }
    refuse_volatile(*column.default_sql, fmt::format("the default of \"{}\"", column.name),
                    site.dialect, site.location);
    if (!site.dialect.is_constant(*column.default_sql)) {
        refuse_at(site.location,
                  fmt::format("the default of \"{}\" of \"{}\" is an expression, so that nothing "
                              "tells a row that was given a value from one that was not",
                              column.name, display(site.table.name)),
                  "Drop the default with change_column in an earlier migration, and give it to the "
                  "new column in a later one.");
    }
}

std::vector<std::string> old_names(const LinkSync& sync)
{
    std::vector<std::string> names;
    for (const LinkedColumn& column : sync.columns) {
        names.push_back(column.from.name);
    }
    return names;
}

std::vector<std::string> kept_names(const LinkSync& sync, const Dialect& dialect)
{
    std::vector<std::string> names = old_names(sync);
    for (std::string& name : names) {
        name = kept_name(name, dialect);
    }
    return names;
}

} // namespace

std::vector<std::string> movable(const Site& site, const std::vector<std::string>& asked)
{
    std::vector<std::string> names;
    for (const std::string& each : asked) {
        const Column& column = require_column(site.table, each, site.location);
        if (contains(names, column.name)) {
            fail_at(site.location, fmt::format("column \"{}\" is named twice", column.name),
                    "Name it once.");
        }
        refuse_dependants(site.table, column, site.dialect, site.location);
        refuse_unique(site, column);
        refuse_self_filling(site.table, column, site.dialect, site.location);
        refuse_changing_default(site, column);
        names.push_back(column.name);
    }
    return names;
}

void refuse_cascades(const Site& site, const Table& table, const std::vector<std::string>& link)
{
    if (site.dialect.capabilities().cascades_fire_triggers) {
        return;
    }
    for (const ForeignKey& key : table.foreign_keys) {
        const bool moves =
            !key.on_update.empty() &&
            std::any_of(key.columns.begin(), key.columns.end(),
                        [&](const std::string& column) { return contains(link, column); });
        if (key.on_delete == "CASCADE" || (moves && key.on_update != "RESTRICT")) {
            refuse_at(site.location,
                      fmt::format("the foreign key \"{}\" deletes rows of \"{}\" or changes their "
                                  "key, and this server fires no trigger for that",
                                  key.name, display(table.name)),
                      "Make it a foreign key without CASCADE in an earlier migration, and let the "
                      "application delete such rows until purge.");
        }
    }
}

void refuse_other_schema(const Site& site, const TableName& other)
{
    if (other.schema != site.table.name.schema) {
        refuse_at(site.location,
                  fmt::format("\"{}\" and \"{}\" are in two schemas", display(site.table.name),
                              display(other)),
                  "Name a table of the same schema.");
    }
}

std::vector<Alteration> relaxing(const Site& site, const std::vector<std::string>& columns)
{
    std::vector<Alteration> alterations;
    for (const Column& column : columns_of(site.table, columns)) {
        if (!column.nullable && !column.default_sql) {
            alterations.emplace_back(
                SetNullability{site.table.name, column, Nullability::nullable});
        }
    }
    return alterations;
}

Table relaxed_table(const Site& site, const std::vector<std::string>& columns)
{
    return altered(site.table, relaxing(site, columns), site.dialect);
}

void refuse_kept_names(const Site& site, const std::vector<std::string>& columns)
{
    for (const std::string& name : columns) {
        refuse_name(site.table, kept_name(name, site.dialect), site.dialect, site.location);
    }
}

std::vector<std::string> with_kept_names(std::vector<std::string> columns, const Dialect& dialect)
{
    const std::size_t count = columns.size();
    for (std::size_t n = 0; n < count; ++n) {
        columns.push_back(kept_name(columns[n], dialect));
    }
    return columns;
}

Column moved(const Column& column, const std::string& name)
{
    return {.name = name,
            .type = column.type,
            .nullable = column.nullable,
            .default_sql = column.default_sql,
            .collation = column.collation,
            .charset = column.charset,
            .comment = column.comment};
}

Column kept(const Column& column, const Dialect& dialect)
{
    Column kept = column;
    kept.name = kept_name(column.name, dialect);
    if (dialect.capabilities().grants_go_by_name) {
        kept.grants.clear(); // they are on the name that it had
    }
    return kept;
}

LinkSync with_kept_columns(LinkSync sync, const Dialect& dialect)
{
    sync.direction = LinkDirection::reverse;
    for (LinkedColumn& column : sync.columns) {
        column.from = kept(column.from, dialect);
    }
    return sync;
}

std::vector<Column> columns_of(const Table& table, const std::vector<std::string>& names)
{
    std::vector<Column> columns;
    for (const std::string& name : names) {
        columns.push_back(*table.find(name));
    }
    return columns;
}

Group put_aside(const LinkSync& sync, const Site& site)
{
    const TableName& table = site.table.name;
    Group group{.table = table, .alterations = {}};
    for (const LinkedColumn& column : sync.columns) {
        group.alterations.emplace_back(
            RenameColumn{table, column.from.name, kept_name(column.from.name, site.dialect)});
    }
    group.alterations.emplace_back(ReplaceLinkSync{sync, with_kept_columns(sync, site.dialect)});
    group.reason = fmt::format("the application works without {} of \"{}\" from here on",
                               quoted_names(old_names(sync)), display(table));
    group.summary = fmt::format("put {} of \"{}\" aside, which {} filled until purge as {}",
                                quoted_names(old_names(sync)), display(table),
                                sync.columns.size() > 1 ? "are" : "is",
                                quoted_names(kept_names(sync, site.dialect)));
    return group;
}

std::vector<Group> purge_of(const LinkSync& sync, const Site& site)
{
    const LinkSync last = with_kept_columns(sync, site.dialect);
    std::vector<Group> groups;
    for (const LinkedColumn& column : last.columns) {
        Group group{.table = site.table.name, .alterations = {}};
        if (groups.empty()) {
            group.alterations.emplace_back(DropLinkSync{last});
        }
        group.alterations.emplace_back(DropColumn{site.table.name, column.from});
        group.reason = fmt::format("what contract kept of {} is no longer needed",
                                   quoted_names(old_names(sync)));
        groups.push_back(std::move(group));
    }
    return groups;
}

std::vector<std::string> notes_of(const LinkSync& sync, const Site& site)
{
    const std::string table = display(site.table.name);
    std::vector<std::string> notes;
    if (!site.dialect.capabilities().one_writer) {
        notes.emplace_back("Two transactions that write one row at the same time, each in another "
                           "of the two tables, deadlock: the server ends one of them.");
    }
    for (const std::string& name : old_names(sync)) {
        const Column& old = *site.table.find(name);
        if (!old.nullable && !old.default_sql) {
            notes.push_back(fmt::format("From expand on \"{}\" of \"{}\" may be NULL: a rollback "
                                        "stops before it makes the column NOT NULL again, where a "
                                        "row without a value has been inserted.",
                                        name, table));
        }
        for (const Index& index : indexes_of(site.table, name, site.dialect)) {
            notes.push_back(fmt::format("The index \"{}\" over \"{}\" stays with it and goes at "
                                        "purge.",
                                        index.name, name));
        }
        if (!old.grants.empty()) {
            notes.push_back(fmt::format("The privileges on \"{}\" of \"{}\" alone are not given on "
                                        "the new column.",
                                        name, table));
        }
    }
    return notes;
}

} // namespace sluice
