#include "sluice/plan/changes/twin_parts.h"

#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/rows.h"

#include <fmt/format.h>

namespace sluice {

Group twin_added(const Twin& twin, const TwinShape& shape, const Site& site)
{
    Group group{.table = shape.table(), .alterations = {AddColumn{shape.table(), shape.column()}}};
    for (Alteration& alteration : made_optional(twin.old, site)) {
        group.alterations.emplace_back(std::move(alteration));
    }
    group.alterations.emplace_back(CreateSync{shape.both()});
    group.reason = fmt::format("\"{}\" lives beside \"{}\", and triggers keep them in step",
                               twin.name, twin.old.name);
    return group;
}

Action twin_filled(const Twin& twin, const TwinShape& shape, const Site& site)
{
    const bool is_everywhere = twin.up.is_total && twin.up.domain.empty();
    return backfill_of(site, shape.key(), twin.name, shape.up(),
                       fmt::format("{} IS NULL AND {} IS NOT NULL", site.dialect.quote(twin.name),
                                   is_everywhere ? site.dialect.quote(twin.old.name) : shape.up()));
}

Action twin_verified(const Twin& twin, const TwinShape& shape, const Site& site)
{
    const Dialect& dialect = site.dialect;
    const std::string next = dialect.quote(twin.name);
    const std::string old = dialect.quote(twin.old.name);
    std::string expect =
        fmt::format("NOT ({})", dialect.differs(next, shape.up(), shape.column().type));
    if (!shape.is_copy()) {
        expect = fmt::format("({} OR NOT ({}))", expect,
                             dialect.differs(old, shape.down(), twin.old.type));
    }
    if (!twin.up.domain.empty()) {
        expect +=
            fmt::format(" AND ({} IS NOT NULL OR {} IS NULL OR ({}))", next, old, twin.up.domain);
    }
    std::string about = fmt::format("\"{}\" is in step with \"{}\"", twin.name, twin.old.name);
    if (!twin.next.nullable) {
        expect += fmt::format(" AND {} IS NOT NULL", next);
        about += " and never NULL";
    }
    return verification_of(site, shape.key(), expect, about);
}

std::vector<Alteration> twin_required(const Twin& twin, const TwinShape& shape)
{
    if (twin.next.nullable) {
        return {};
    }
    return {SetNullability{shape.table(), shape.column(), Nullability::not_null}};
}

Group twin_dropped(const Twin& twin, const TwinShape& shape)
{
    return {.table = shape.table(),
            .alterations = {DropSync{shape.reverse()}, DropColumn{shape.table(), shape.kept()}},
            .reason =
                fmt::format("what contract kept of \"{}\" is no longer needed", twin.old.name)};
}

} // namespace sluice
