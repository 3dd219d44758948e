#include "sluice/plan/changes/named.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {

namespace {

Alteration dropping(const TableName& table, const Index& index)
{
    return DropIndex{table, index};
}

template <class Kind> Alteration dropping(const TableName& table, const Kind& constraint)
{
    return DropConstraint{table, constraint};
}

/// What a foreign key refers to stays unique.
void refuse_needed(const Site& site, const Index& unique)
{
    Table rest = site.table;
    std::erase(rest.indexes, unique);
    for (const ForeignKey& key : site.table.referenced_by) {
        if (is_unique(site.table, key.columns) && !is_unique(rest, key.columns)) {
            refuse_at(site.location,
                      fmt::format("the foreign key \"{}\" of table \"{}\" refers to what \"{}\" "
                                  "keeps unique",
                                  key.name, display(key.referenced),
                                  unique.known_as.empty() ? unique.name : unique.known_as),
                      "Drop that foreign key in an earlier migration: drop_constraint.");
        }
    }
}

template <class Kind> void refuse_needed(const Site& /*site*/, const Kind& /*rule over rows*/) {}

} // namespace

/// The new application may write what the rule forbids, so it goes in expand. It comes back with a
/// rollback only where the rows still keep to it.
Outline outline(const DropConstraintChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const TableName& table = site.table.name;
    const NamedConstraint found = require_constraint(site, change.name);
    std::visit([&](const auto& each) { refuse_needed(site, each); }, found);
    const auto drop = [&](const auto& each) { return dropping(table, each); };
    return {.expand = {{.table = table,
                        .alterations = {std::visit(drop, found)},
                        .reason = "the new application may write what it forbids"}},
            .notes = {fmt::format("A rollback brings \"{}\" back, and stops before it changes "
                                  "anything where rows do not keep to it.",
                                  change.name)},
            .table = table};
}

} // namespace sluice
