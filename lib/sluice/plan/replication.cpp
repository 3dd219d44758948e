#include "sluice/plan/replication.h"

#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace sluice {

namespace {

std::vector<Alteration> alterations_of(const std::vector<Group>& groups)
{
    std::vector<Alteration> all;
    for (const Group& group : groups) {
        all.insert(all.end(), group.alterations.begin(), group.alterations.end());
        for (const TableAlterations& other : group.others) {
            all.insert(all.end(), other.alterations.begin(), other.alterations.end());
        }
    }
    return all;
}

/// The tables that its triggers stand on; none where it makes no trigger.
std::vector<TableName> tables_with_triggers(const Alteration& alteration)
{
    if (const auto* one = std::get_if<CreateSync>(&alteration)) {
        return {one->sync.table};
    }
    if (const auto* two = std::get_if<CreateTableSync>(&alteration)) {
        return {two->sync.from.name, two->sync.to.name};
    }
    if (const auto* linked = std::get_if<CreateLinkSync>(&alteration)) {
        return {linked->sync.from.name, linked->sync.to.name};
    }
    return {};
}

void refuse_subscribed(const Table& table, const Ground& ground)
{
    for (const Dependent& dependent : table.dependents) {
        if (dependent.kind == "subscription") {
            refuse_at(ground.location,
                      fmt::format("the subscription \"{}\" writes table \"{}\", and what it writes "
                                  "fires no trigger that would keep both shapes in step",
                                  dependent.name, display(table.name)),
                      "Make the change where the rows come from, and write out here what changes "
                      "with [[expand]] and [[contract]]; or take the table out of the subscription "
                      "first.");
        }
    }
}

/// Does it show to who follows the table row by row?
bool is_seen_by_subscribers(const Alteration& alteration)
{
    return std::visit(
        [](const auto& each) {
            using Kind = std::decay_t<decltype(each)>;
            return std::is_same_v<Kind, AddColumn> || std::is_same_v<Kind, DropColumn> ||
                   std::is_same_v<Kind, RenameColumn> || std::is_same_v<Kind, DropTable> ||
                   std::is_same_v<Kind, RenameTable>;
        },
        alteration);
}

std::string publication_of(const Table& table)
{
    const auto found =
        std::find_if(table.dependents.begin(), table.dependents.end(),
                     [](const Dependent& dependent) { return dependent.kind == "publication"; });
    return found == table.dependents.end() ? std::string() : found->name;
}

} // namespace

void refuse_unfired_triggers(const Outline& outline, const Ground& ground)
{
    for (const Alteration& alteration : alterations_of(outline.expand)) {
        for (const TableName& name : tables_with_triggers(alteration)) {
            if (const Table* table = ground.catalog.find(name)) {
                refuse_subscribed(*table, ground);
            }
        }
    }
}

std::vector<std::string> notes_for_subscribers(const Outline& outline, const Catalog& catalog)
{
    std::vector<std::string> notes;
    for (const auto* stage : {&outline.expand, &outline.contract}) {
        for (const Alteration& alteration : alterations_of(*stage)) {
            const Table* table = catalog.find(table_of(alteration));
            const std::string publication = table == nullptr ? "" : publication_of(*table);
            if (!publication.empty() && is_seen_by_subscribers(alteration)) {
                notes.push_back(fmt::format(
                    "\"{}\" is published by \"{}\", and a subscriber stops at the first row with a "
                    "column that it does not have: add there what expand adds before that, and "
                    "rename what contract renames right after.",
                    display(table->name), publication));
            }
        }
    }
    return notes;
}

} // namespace sluice
