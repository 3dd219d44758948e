#include "sluice/plan/draft.h"

#include "sluice/core/error.h"
#include "sluice/plan/rendered_action.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

bool changes_name(const Alteration& alteration, const Table& table, const ForeignKey& key)
{
    if (const auto* rename = std::get_if<RenameColumn>(&alteration)) {
        return std::find(key.columns.begin(), key.columns.end(), rename->from) != key.columns.end();
    }
    const auto* rename = std::get_if<RenameTable>(&alteration);
    return rename != nullptr && rename->table == table.name && key.referenced != table.name;
}

/// The tables whose foreign keys name the table, or a column of it, that the group gives another
/// name: they are not what they were either.
std::vector<TableName> tables_that_see(const Table& table, const std::vector<Alteration>& group)
{
    std::vector<TableName> seeing;
    for (const Alteration& alteration : group) {
        for (const auto* keys : {&table.foreign_keys, &table.referenced_by}) {
            for (const ForeignKey& key : *keys) {
                if (changes_name(alteration, table, key)) {
                    seeing.push_back(key.referenced);
                }
            }
        }
    }
    return seeing;
}

void add_missing(std::vector<TableName>& tables, const std::vector<TableName>& more)
{
    for (const TableName& table : more) {
        if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
            tables.push_back(table);
        }
    }
}

/// Of tables that are locked as well.
std::string also(const std::vector<TableName>& tables)
{
    std::vector<std::string> names;
    for (const TableName& table : tables) {
        names.push_back(display(table));
    }
    return names.empty() ? std::string() : fmt::format("; and on {}", fmt::join(names, ", "));
}

} // namespace

void Draft::add(Phase phase, const Group& group)
{
    const bool makes_table = std::holds_alternative<CreateTable>(group.alterations.at(0));
    const Table* table =
        makes_table ? &std::get<CreateTable>(group.alterations[0]).definition : find(group.table);
    if (table == nullptr) {
        throw Error(ErrorKind::internal,
                    fmt::format("the plan alters table \"{}\", which it does not know",
                                display(group.table)));
    }
    std::vector<Rendered> actions = rendered(group, *table);
    const bool has_main = std::any_of(actions.begin(), actions.end(),
                                      [](const Rendered& each) { return each.is_main; });
    std::vector<TableName> seeing = tables_that_see(*table, group.alterations);
    for (const TableAlterations& other : group.others) {
        add_missing(seeing, tables_that_see(*find(other.table), other.alterations));
    }
    for (const Alteration& alteration : group.alterations) {
        const auto* rename = std::get_if<RenameTable>(&alteration);
        if (rename != nullptr && rename->table != table->name) {
            add_missing(seeing, tables_that_see(*find(rename->table), {alteration}));
        }
    }
    for (std::size_t i = 0; i < actions.size(); ++i) {
        add_missing(actions[i].tables, seeing);
        if (actions[i].mode == Mode::locked) { // under which all of its tables are
            actions[i].lock += also(seeing);
        }
        // The reason stands once: with what shows, or else with what comes first.
        const bool explains = has_main ? actions[i].is_main : i == 0;
        if (actions[i].is_main && !group.summary.empty()) {
            actions[i].summary = group.summary;
        }
        add(action_of(phase, std::move(actions[i]), explains ? group.reason : ""));
    }
    for (const Alteration& alteration : group.alterations) {
        follow(alteration);
    }
    for (const TableAlterations& other : group.others) {
        for (const Alteration& alteration : other.alterations) {
            follow(alteration);
        }
    }
}

std::vector<Rendered> Draft::rendered(const Group& group, const Table& table) const
{
    if (group.others.empty()) {
        return dialect_.render(group.alterations, table);
    }
    std::vector<AlteredTable> groups{{table, group.alterations}};
    for (const TableAlterations& other : group.others) {
        groups.push_back({*find(other.table), other.alterations});
    }
    return dialect_.render_together(groups);
}

void Draft::follow(const Alteration& alteration)
{
    if (const auto* create = std::get_if<CreateTable>(&alteration)) {
        remember(create->definition);
        return;
    }
    const Table before = *find(table_of(alteration));
    Table after = altered(before, alteration, dialect_);
    const bool is_gone = std::holds_alternative<DropTable>(alteration);
    if (is_gone || after.name != before.name) {
        gone_.push_back(before.name);
    }
    if (!is_gone) {
        remember(std::move(after));
    }
    if (const auto* rename = std::get_if<RenameTable>(&alteration)) {
        follow_name(before, rename->to);
    }
}

/// The foreign keys of other tables go with the name.
void Draft::follow_name(const Table& before, const TableName& to)
{
    for (const auto* keys : {&before.foreign_keys, &before.referenced_by}) {
        for (const ForeignKey& key : *keys) {
            const Table* known = find(key.referenced);
            if (known == nullptr || known->name == before.name) {
                continue;
            }
            Table other = *known;
            for (auto* lists : {&other.foreign_keys, &other.referenced_by}) {
                for (ForeignKey& each : *lists) {
                    each.referenced = each.referenced == before.name ? to : each.referenced;
                }
            }
            remember(std::move(other));
        }
    }
}

void Draft::remember(Table table)
{
    const TableName name = table.name;
    std::erase(gone_, name);
    std::erase_if(altered_, [&](const Table& known) { return known.name == name; });
    altered_.push_back(std::move(table));
}

const Table* Draft::find(const TableName& name) const
{
    const Table* before = catalog_.find(name);
    const TableName& known_as = before == nullptr ? name : before->name;
    if (std::find(gone_.begin(), gone_.end(), known_as) != gone_.end()) {
        return nullptr;
    }
    const auto after = std::find_if(altered_.begin(), altered_.end(),
                                    [&](const Table& known) { return known.name == known_as; });
    return after == altered_.end() ? before : &*after;
}

void Draft::add(Action action)
{
    action.ordinal = static_cast<int>(plan_.actions.size()) + 1;
    for (const TableName& table : action.tables) {
        if (std::find(plan_.tables.begin(), plan_.tables.end(), table) == plan_.tables.end()) {
            plan_.tables.push_back(table);
        }
    }
    plan_.actions.push_back(std::move(action));
}

void Draft::note(std::string sentence)
{
    if (std::find(plan_.notes.begin(), plan_.notes.end(), sentence) == plan_.notes.end()) {
        plan_.notes.push_back(std::move(sentence));
    }
}

Plan Draft::take()
{
    return std::exchange(plan_, Plan{});
}

} // namespace sluice
