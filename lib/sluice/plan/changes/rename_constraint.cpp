#include "sluice/plan/changes/named.h"
#include "sluice/plan/refusals.h"

namespace sluice {

namespace {

Alteration renaming(const TableName& table, const Index& index, const std::string& to)
{
    const std::string& name = index.known_as.empty() ? index.name : index.known_as;
    return RenameIndex{table, name, to, index.is_constraint};
}

template <class Kind>
Alteration renaming(const TableName& table, const Kind& constraint, const std::string& to)
{
    return RenameConstraint{table, constraint, to};
}

} // namespace

/// No application names a constraint in its statements, but for ON CONFLICT ON CONSTRAINT.
Outline outline(const RenameConstraintChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_taken_name(site, change.to);
    const TableName& table = site.table.name;
    const NamedConstraint found = require_constraint(site, change.from);
    const auto rename = [&](const auto& each) { return renaming(table, each, change.to); };
    return {.expand = {{.table = table, .alterations = {std::visit(rename, found)}}},
            .table = table};
}

} // namespace sluice
