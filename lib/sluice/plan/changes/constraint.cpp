#include "sluice/plan/changes/constraint.h"

#include "sluice/db/constraint_sql.h"
#include "sluice/plan/changes/rows.h"

#include <fmt/format.h>

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

} // namespace sluice
