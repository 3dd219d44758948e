#include "sluice/plan/changes/twin.h"

#include "sluice/db/constraint_sql.h"
#include "sluice/db/renaming.h"
#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/changes/twin_parts.h"
#include "sluice/plan/changes/twin_shape.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

std::vector<Group> indexes(const TwinShape& shape)
{
    std::vector<Group> groups;
    for (const Index& index : shape.indexes()) {
        groups.push_back(
            {.table = shape.table(),
             .alterations = {CreateIndex{shape.table(), shape.twin_index(index)}},
             .reason = fmt::format("it takes the place of \"{}\" at contract", index.name)});
    }
    return groups;
}

std::vector<Group> validations(const Twin& twin, const TwinShape& shape, const Site& site)
{
    std::vector<Group> groups;
    if (!twin.next.nullable && !fills_too_late(site.dialect)) {
        groups.push_back({.table = shape.table(),
                          .alterations = twin_required(twin, shape),
                          .reason = fmt::format("\"{}\" is to be NOT NULL", twin.next.name)});
    }
    for (const Constraint& constraint : shape.constraints()) {
        groups.push_back(
            {.table = shape.table(),
             .alterations = {AddConstraint{shape.table(), shape.twin_constraint(constraint)}},
             .reason = fmt::format("it takes the place of \"{}\"", name_of(constraint))});
    }
    return groups;
}

/// What the engine did not hold against the rows: a copy keeps to what the old column keeps to.
std::vector<Action> validated(const TwinShape& shape, const Site& site)
{
    std::vector<Action> actions;
    if (shape.is_copy() ||
        site.dialect.capabilities().constraint_rows == ConstraintRows::validated) {
        return actions;
    }
    for (const Constraint& constraint : shape.constraints()) {
        Action action = verification_of(
            site, shape.key(),
            keeps_to(site.dialect, shape.table(), shape.twin_constraint(constraint)),
            fmt::format("every row keeps to \"{}\"", name_of(constraint)));
        action.phase = Phase::contract;
        actions.push_back(std::move(action));
    }
    return actions;
}

/// The twin has rules of its own by now.
std::vector<Group> without_old_rules(const TwinShape& shape)
{
    Group group{.table = shape.table(), .alterations = {}};
    for (const Constraint& constraint : shape.constraints()) {
        group.alterations.emplace_back(DropConstraint{shape.table(), constraint});
    }
    group.reason = "what is kept of the old column must not refuse what the new one takes";
    return group.alterations.empty() ? std::vector<Group>{} : std::vector<Group>{group};
}

/// Once the old column is out of the way, the twin's rules get the names that are known.
std::vector<Group> with_known_names(const Twin& twin, const TwinShape& shape, const Site& site)
{
    Group group{.table = shape.table(), .alterations = {}};
    for (const Constraint& constraint : shape.constraints()) {
        group.alterations.emplace_back(
            RenameConstraint{shape.table(),
                             with_column_renamed(shape.twin_constraint(constraint), twin.name,
                                                 twin.next.name, site.dialect),
                             name_of(constraint)});
    }
    return group.alterations.empty() ? std::vector<Group>{} : std::vector<Group>{group};
}

/// The old column's index is kept with it, and the twin's gets its name.
std::vector<Alteration> swap_index(const Index& index, const TwinShape& shape)
{
    const TableName& table = shape.table();
    const Index kept = shape.kept_index(index);
    std::vector<Alteration> swap{
        RenameIndex{table, index.name, kept.name, index.is_constraint},
        RenameIndex{table, shape.twin_index(index).name, index.name, index.is_constraint}};
    if (index.unique) {
        swap.emplace_back(DropIndex{table, kept}); // what is kept need not be unique
    }
    return swap;
}

/// The table is written anew with the constraint over the new column; until then an index held it
/// to the same.
std::vector<Alteration> move_constraint(const Index& index, const Twin& twin,
                                        const TwinShape& shape, const Site& site)
{
    Index from = shape.kept_index(index);
    from.name = index.name;
    return {MoveUnique{shape.table(), from,
                       with_column_renamed(index, twin.old.name, twin.next.name, site.dialect)},
            DropIndex{shape.table(), with_column_renamed(shape.twin_index(index), twin.name,
                                                         twin.next.name, site.dialect)}};
}

std::vector<Alteration> swap(const Twin& twin, const TwinShape& shape, const Site& site)
{
    const TableName& table = shape.table();
    std::vector<Alteration> swap;
    if (fills_too_late(site.dialect)) {
        swap = twin_required(twin, shape);
    }
    if (!shape.old().nullable && shape.kept().nullable) {
        swap.emplace_back(SetNullability{table, shape.old(), Nullability::nullable});
    }
    swap.emplace_back(RenameColumn{table, twin.old.name, shape.kept().name});
    if (!shape.is_renamed()) {
        swap.emplace_back(RenameColumn{table, twin.name, twin.next.name});
    }
    if (twin.next.default_sql) {
        swap.emplace_back(SetDefault{table, twin.next, std::nullopt, twin.next.default_sql});
    }
    for (const Index& index : shape.indexes()) {
        const bool is_written_anew =
            index.is_constraint && !site.dialect.capabilities().moves_unique_constraints;
        const std::vector<Alteration> more =
            is_written_anew ? move_constraint(index, twin, shape, site) : swap_index(index, shape);
        swap.insert(swap.end(), more.begin(), more.end());
    }
    swap.emplace_back(ReplaceSync{shape.both(), shape.reverse()});
    return swap;
}

Group swapping(const Twin& twin, const TwinShape& shape, const Site& site)
{
    return {.table = shape.table(),
            .alterations = swap(twin, shape, site),
            .reason =
                shape.is_renamed()
                    ? fmt::format("the application works with \"{}\" from here on", twin.name)
                    : fmt::format("\"{}\" is {} from here on", twin.next.name, twin.next.type.sql),
            .summary =
                fmt::format("put \"{}\" of \"{}\" in the place of \"{}\", which is kept "
                            "until purge as \"{}\"",
                            twin.name, display(shape.table()), twin.old.name, shape.kept().name)};
}

std::vector<Group> contract(const Twin& twin, const TwinShape& shape, const Site& site)
{
    std::vector<Group> groups = without_old_rules(shape);
    groups.push_back(swapping(twin, shape, site));
    for (Group& group : with_known_names(twin, shape, site)) {
        groups.push_back(std::move(group));
    }
    return groups;
}

/// The columns of the rules that go with it: another change may not be about these.
std::string read_by_rules(const TwinShape& shape)
{
    std::string names;
    for (const Constraint& constraint : shape.constraints()) {
        for (const std::string& column :
             std::visit([](const auto& each) { return each.columns; }, constraint)) {
            names += "\n" + column;
        }
    }
    return names;
}

/// MySQL: a foreign key's columns are of one type.
void refuse_unlike_keys(const Twin& twin, const Site& site)
{
    if (site.dialect.capabilities().foreign_keys_join_types || twin.old.type == twin.next.type) {
        return;
    }
    for (const ForeignKey& key : site.table.foreign_keys) {
        if (contains(key.columns, twin.old.name)) {
            refuse_at(site.location,
                      fmt::format("the foreign key \"{}\" wants \"{}\" to be of the type of the "
                                  "column that it refers to",
                                  key.name, twin.old.name),
                      "Drop the foreign key with drop_constraint in an earlier migration, change "
                      "both columns, and add it again with add_foreign_key.");
        }
    }
}

/// What the two columns living side by side mean for the application.
std::vector<std::string> notes_on_sync(const Twin& twin, const TwinShape& shape, const Site& site)
{
    const std::string table = display(shape.table());
    const std::string& old = twin.old.name;
    std::vector<std::string> notes{
        fmt::format("Until contract, an INSERT into \"{}\" that gives NULL for \"{}\" and a value "
                    "for \"{}\" gets the value in both.",
                    table, twin.name, old)};
    if (!twin.up.is_total && twin.up.domain.empty()) {
        notes.push_back(fmt::format("A row of \"{}\" for which `up` raises an error stops the "
                                    "backfill; `up_ok` says where it may be evaluated.",
                                    table));
    }
    for (const Alteration& alteration : made_optional(twin.old, site)) {
        if (std::holds_alternative<SetDefault>(alteration)) {
            notes.push_back(
                fmt::format("From expand until purge \"{}\" of \"{}\" has a default, so "
                            "that an INSERT that names neither it nor \"{}\" no longer "
                            "fails.",
                            old, table, twin.name));
        }
    }
    const bool has_limits = !twin.down.is_total || !twin.down.domain.empty();
    if (has_limits && !shape.old().nullable) {
        notes.push_back(fmt::format("Until contract, a value of \"{}\" that \"{}\" cannot hold is "
                                    "refused, because \"{}\" is NOT NULL.",
                                    twin.name, old, old));
    }
    return notes;
}

std::vector<std::string> notes_on_contract(const Twin& twin, const TwinShape& shape)
{
    const std::string table = display(shape.table());
    return {fmt::format("After contract \"{}\" stands last in \"{}\", so that SELECT * gives the "
                        "columns in another order.",
                        twin.next.name, table),
            shape.is_renamed()
                ? fmt::format("From contract on nothing may name \"{}\" of \"{}\" any more.",
                              twin.old.name, table)
                : fmt::format("Statements that the application has prepared over \"{}\" are "
                              "planned anew at contract; a driver that keeps the types of results "
                              "or parameters must reconnect.",
                              table)};
}

} // namespace

Outline outline_of(const Twin& twin, const Site& site)
{
    refuse_uncarried(site.table, twin.old, site.dialect, site.location);
    refuse_unlike_keys(twin, site);
    refuse_self_filling(site.table, twin.old, site.dialect, site.location);
    refuse_name(site.table, twin.name, site.dialect, site.location);
    refuse_name(site.table, kept_name(twin.old.name, site.dialect), site.dialect, site.location);
    const TwinShape shape(twin, site);
    Outline outline{.expand = {twin_added(twin, shape, site)},
                    .backfills = {twin_filled(twin, shape, site)},
                    .indexes = indexes(shape),
                    .verifications = {twin_verified(twin, shape, site)},
                    .validations = validations(twin, shape, site),
                    .validated = validated(shape, site),
                    .contract = contract(twin, shape, site),
                    .purge = {twin_dropped(twin, shape)},
                    .notes = notes_on_sync(twin, shape, site),
                    .table = shape.table(),
                    .columns = {twin.old.name, twin.next.name, twin.name, shape.kept().name},
                    .reads = twin.reads + read_by_rules(shape)};
    for (std::string& note : notes_on_contract(twin, shape)) {
        outline.notes.push_back(std::move(note));
    }
    return outline;
}

} // namespace sluice
