#include "sluice/plan/changes/named.h"
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

} // namespace

/// The new application may write what the rule forbids, so it goes in expand. It comes back with a
/// rollback only where the rows still keep to it.
Outline outline(const DropConstraintChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const TableName& table = site.table.name;
    const NamedConstraint found = require_constraint(site, change.name);
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
