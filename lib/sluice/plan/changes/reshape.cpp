#include "sluice/plan/changes/reshape.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/reshape_columns.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

/// Contract puts the old columns aside under other names: what reads them would not find them.
void refuse_own_reader(const Reshape& reshape, const Site& site)
{
    for (const ShapeColumn& target : reshape.olds) {
        const std::string text = target.value.expression + " " + target.value.domain;
        for (const ShapeColumn& old : reshape.olds) {
            if (mentions(text, old.column.name, site.dialect.server().engine)) {
                fail_at(site.location,
                        fmt::format("the way back to \"{}\" reads \"{}\", which is put aside at "
                                    "contract",
                                    target.column.name, old.column.name),
                        "Write it over the new columns and those that stay.");
            }
        }
    }
}

void refuse_what_hangs_on(const Reshape& reshape, const Site& site)
{
    for (const ShapeColumn& old : reshape.olds) {
        refuse_dependants(site.table, old.column, site.dialect, site.location);
        refuse_unique(site, old.column);
        refuse_self_filling(site.table, old.column, site.dialect, site.location);
        refuse_name(site.table, kept_name(old.column.name, site.dialect), site.dialect,
                    site.location);
    }
    for (const ShapeColumn& each : reshape.news) {
        refuse_name(site.table, each.column.name, site.dialect, site.location);
    }
    refuse_own_reader(reshape, site);
}

Group expand(const ReshapeColumns& columns, const Site& site)
{
    Group group{.table = site.table.name, .alterations = {}};
    for (const Column& column : columns.bare_news()) {
        group.alterations.emplace_back(AddColumn{site.table.name, column});
    }
    for (Alteration& alteration : columns.made_optional()) {
        group.alterations.push_back(std::move(alteration));
    }
    group.alterations.emplace_back(CreateSync{columns.both()});
    group.reason =
        fmt::format("{} live{} beside {}, and triggers keep them in step", columns.new_names(),
                    columns.bare_news().size() > 1 ? "" : "s", columns.old_names());
    return group;
}

std::vector<Alteration> required(const ReshapeColumns& columns, const Site& site)
{
    std::vector<Alteration> alterations;
    const std::vector<Column> bare = columns.bare_news();
    for (std::size_t n = 0; n < bare.size(); ++n) {
        if (!columns.news()[n].nullable) {
            alterations.emplace_back(
                SetNullability{site.table.name, bare[n], Nullability::not_null});
        }
    }
    return alterations;
}

std::vector<Group> validations(const ReshapeColumns& columns, const Site& site)
{
    Group group{.table = site.table.name,
                .alterations = required(columns, site),
                .reason = "new rows and old ones are to have a value"};
    const bool is_needed = !group.alterations.empty() && !fills_too_late(site.dialect);
    return is_needed ? std::vector<Group>{group} : std::vector<Group>{};
}

Group contract(const ReshapeColumns& columns, const Site& site)
{
    const TableName& table = site.table.name;
    Group group{.table = table, .alterations = {}};
    if (fills_too_late(site.dialect)) {
        group.alterations = required(columns, site);
    }
    const std::vector<Column> kept = columns.kept();
    for (std::size_t n = 0; n < kept.size(); ++n) {
        const Column& old = columns.olds()[n];
        if (!old.nullable) {
            group.alterations.emplace_back(SetNullability{table, old, Nullability::nullable});
        }
        group.alterations.emplace_back(RenameColumn{table, old.name, kept[n].name});
    }
    for (const Column& column : columns.news()) {
        if (column.default_sql) {
            group.alterations.emplace_back(
                SetDefault{table, column, std::nullopt, column.default_sql});
        }
    }
    group.alterations.emplace_back(ReplaceSync{columns.both(), columns.reverse()});
    group.reason =
        fmt::format("the application works without {} from here on", columns.old_names());
    group.summary =
        fmt::format("put {} of \"{}\" aside, which {} kept until purge as {}", columns.old_names(),
                    display(table), kept.size() > 1 ? "are" : "is", quoted_names(names_of(kept)));
    return group;
}

/// One by one: an index over two of them goes with the first.
std::vector<Group> purge(const ReshapeColumns& columns, const Site& site)
{
    std::vector<Group> groups;
    for (const Column& kept : columns.kept()) {
        Group group{.table = site.table.name, .alterations = {}};
        if (groups.empty()) {
            group.alterations.emplace_back(DropSync{columns.reverse()});
        }
        group.alterations.emplace_back(DropColumn{site.table.name, kept});
        group.reason =
            fmt::format("what contract kept of {} is no longer needed", columns.old_names());
        groups.push_back(std::move(group));
    }
    return groups;
}

void note_old(std::vector<std::string>& notes, const Column& old, const ReshapeColumns& columns,
              const Site& site)
{
    const std::string table = display(site.table.name);
    for (const Alteration& alteration : made_optional(old, site)) {
        if (std::holds_alternative<SetDefault>(alteration)) {
            notes.push_back(
                fmt::format("From expand until purge \"{}\" of \"{}\" has a default, so "
                            "that an INSERT that names neither it nor {} no longer "
                            "fails.",
                            old.name, table, columns.new_names()));
        }
    }
    if (!old.nullable) {
        notes.push_back(fmt::format("Until contract, a row for which `down` gives no \"{}\" is "
                                    "refused, because that is NOT NULL.",
                                    old.name));
    }
    for (const Index& index : indexes_of(site.table, old.name, site.dialect)) {
        notes.push_back(fmt::format("The index \"{}\" over \"{}\" stays with it and goes at purge; "
                                    "what the new application needs in its place is an add_index "
                                    "of a migration before contract.",
                                    index.name, old.name));
    }
    if (!old.grants.empty()) {
        notes.push_back(fmt::format("The privileges on \"{}\" alone are not given on {}.", old.name,
                                    columns.new_names()));
    }
}

std::vector<std::string> notes_of(const Reshape& reshape, const ReshapeColumns& columns,
                                  const Site& site)
{
    const std::string table = display(site.table.name);
    std::vector<std::string> notes{
        fmt::format("Until contract, an INSERT into \"{}\" that gives NULL for {} and a value for "
                    "{} gets what is computed from that.",
                    table, columns.new_names(), columns.old_names())};
    for (const ShapeColumn& each : reshape.news) {
        if (each.value.domain.empty()) {
            notes.push_back(fmt::format("A row of \"{}\" for which `up` of \"{}\" raises an error "
                                        "stops the backfill; `up_ok` says where it may be "
                                        "evaluated.",
                                        table, each.column.name));
        }
    }
    for (const ShapeColumn& old : reshape.olds) {
        note_old(notes, old.column, columns, site);
    }
    notes.push_back(fmt::format("From contract on nothing may name {} of \"{}\" any more.",
                                columns.old_names(), table));
    return notes;
}

} // namespace

void refuse_unique(const Site& site, const Column& old)
{
    for (const Index& index : indexes_of(site.table, old.name, site.dialect)) {
        if (index.unique) {
            refuse_at(site.location,
                      fmt::format("the unique {} \"{}\" is over \"{}\" of \"{}\", and nothing says "
                                  "what is to be unique in its place",
                                  index.is_constraint ? "constraint" : "index", index.name,
                                  old.name, display(site.table.name)),
                      fmt::format("Drop it with {} in an earlier migration, and add what takes its "
                                  "place with {} in a later one.",
                                  index.is_constraint ? "drop_constraint" : "drop_index",
                                  index.is_constraint ? "add_unique" : "add_index"));
        }
    }
}

ShapeColumn new_column(const IntoColumn& into, const Column& old, const Site& site)
{
    const Dialect& dialect = site.dialect;
    const auto text = [&](const std::optional<EngineText>& given, const char* key) {
        return optional_text(given, dialect, fmt::format("`into.{}.{}`", into.name, key),
                             site.location);
    };
    Column column{.name = into.name,
                  .type =
                      dialect.parse_type(require_text(into.type, dialect, "`type`", site.location)),
                  .nullable = into.nullable,
                  .default_sql = text(into.default_sql, "default"),
                  .comment = text(into.comment, "comment").value_or("")};
    const bool is_text =
        column.type.family == TypeFamily::text && old.type.family == TypeFamily::text;
    if (const auto collation = text(into.collation, "collation")) {
        column.collation = *collation;
        // MySQL: a collation belongs to the character set that its name begins with.
        column.charset = old.charset.empty() ? "" : collation->substr(0, collation->find('_'));
    } else if (is_text) {
        column.collation = old.collation;
        column.charset = old.charset;
    }
    return {column, *declared(site, into.up, into.up_ok, fmt::format("into.{}.up", into.name))};
}

ShapeColumn old_column(const std::string& name, const EngineText& down,
                       const std::optional<EngineText>& down_ok, const std::string& key,
                       const Site& site)
{
    return {require_column(site.table, name, site.location), *declared(site, down, down_ok, key)};
}

Outline outline_of(const Reshape& reshape, const Site& site)
{
    refuse_what_hangs_on(reshape, site);
    const ReshapeColumns columns(reshape, site);
    return {.expand = {expand(columns, site)},
            .backfills = {columns.backfill()},
            .verifications = {columns.verification()},
            .validations = validations(columns, site),
            .contract = {contract(columns, site)},
            .purge = purge(columns, site),
            .notes = notes_of(reshape, columns, site),
            .table = site.table.name,
            .columns = columns.every_name(),
            .reads = columns.reads()};
}

} // namespace sluice
