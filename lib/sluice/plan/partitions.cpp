#include "sluice/plan/partitions.h"

#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <type_traits>

namespace sluice {

namespace {

/// Cannot be made in one partition by itself.
template <class Kind>
constexpr bool is_of_whole_table =
    std::is_same_v<Kind, AddColumn> || std::is_same_v<Kind, DropColumn> ||
    std::is_same_v<Kind, RenameColumn> || std::is_same_v<Kind, SetNullability>;

bool is_foreign_key(const Constraint& constraint)
{
    return std::holds_alternative<ForeignKey>(constraint);
}

/// For a message; empty where the alteration can be made in a partitioned table.
template <class Kind> std::string fixed_by_partitions(const Kind& alteration)
{
    constexpr bool is_rule =
        std::is_same_v<Kind, AddConstraint> || std::is_same_v<Kind, DropConstraint>;
    constexpr bool is_index = std::is_same_v<Kind, CreateIndex> || std::is_same_v<Kind, DropIndex>;
    if constexpr (is_rule) {
        return is_foreign_key(alteration.constraint)
                   ? fmt::format("the foreign key \"{}\"", name_of(alteration.constraint))
                   : std::string();
    } else if constexpr (is_index) {
        return alteration.index.is_constraint
                   ? fmt::format("the constraint \"{}\"", alteration.index.name)
                   : std::string();
    } else {
        return {};
    }
}

void refuse(const Alteration& alteration, const Ground& ground)
{
    const Table* table = ground.catalog.find(table_of(alteration));
    if (table == nullptr) {
        return;
    }
    const bool is_of_whole =
        std::visit([](const auto& each) { return is_of_whole_table<std::decay_t<decltype(each)>>; },
                   alteration);
    if (table->kind == TableKind::partition && is_of_whole) {
        refuse_at(ground.location,
                  fmt::format("\"{}\" is a partition: its columns are those of the whole table",
                              display(table->name)),
                  "Name the partitioned table in `table`.");
    }
    const std::string rule =
        std::visit([](const auto& each) { return fixed_by_partitions(each); }, alteration);
    if (table->kind == TableKind::partitioned && !rule.empty()) {
        refuse_at(
            ground.location,
            fmt::format("\"{}\" is partitioned, and {} cannot be added to it, or brought back "
                        "by a rollback, without shutting writers out while its rows are read",
                        display(table->name), rule),
            "Write the statements out with [[expand]] and [[contract]], for a time at which "
            "nobody writes; a unique index is made without that by add_index.");
    }
}

} // namespace

void refuse_on_partitions(const Outline& outline, const Ground& ground)
{
    for (const auto* stage : {&outline.expand, &outline.indexes, &outline.validations,
                              &outline.contract, &outline.purge}) {
        for (const Group& group : *stage) {
            for (const Alteration& alteration : group.alterations) {
                refuse(alteration, ground);
            }
        }
    }
}

} // namespace sluice
