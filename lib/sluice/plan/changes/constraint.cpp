#include "sluice/plan/changes/constraint.h"

#include "sluice/db/constraint_sql.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

Outline outline_of(const Constraint& constraint, const Site& site)
{
    const TableName& table = site.table.name;
    const std::string& name = name_of(constraint);
    Action verification =
        verification_of(site, walking_key(site), keeps_to(site.dialect, table, constraint),
                        fmt::format("every row keeps to \"{}\"", name));
    Outline outline{.verifications = {verification},
                    .validations = {{.table = table,
                                     .alterations = {AddConstraint{table, constraint}},
                                     .reason = "every version of the application is held to it "
                                               "from here on"}},
                    .table = table};
    if (site.dialect.capabilities().constraint_rows == ConstraintRows::verified) {
        verification.phase = Phase::contract;
        verification.reason = "rows may have been written between the verification and the rule";
        outline.validated.push_back(std::move(verification));
    }
    return outline;
}

bool has_index(const Table& table, const std::vector<std::string>& columns)
{
    const auto begins = [&columns](const std::vector<std::string>& names) {
        return names.size() >= columns.size() &&
               std::equal(columns.begin(), columns.end(), names.begin());
    };
    return begins(table.primary_key) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
               std::vector<std::string> names;
               for (const IndexPart& part : index.parts) {
                   names.push_back(part.column);
               }
               return index.predicate.empty() && begins(names);
           });
}

Index index_for(const ForeignKey& key)
{
    Index index{.name = key.name, .method = "btree"};
    for (const std::string& column : key.columns) {
        index.parts.push_back({.column = column});
    }
    return index;
}

std::string lacks_index(const TableName& table, const ForeignKey& key)
{
    return fmt::format("No index of \"{}\" begins with {}: each row that is deleted from \"{}\" "
                       "then reads the whole table.",
                       display(table), quoted_names(key.columns), display(key.referenced));
}

} // namespace sluice
