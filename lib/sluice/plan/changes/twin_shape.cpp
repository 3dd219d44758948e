#include "sluice/plan/changes/twin_shape.h"

#include "sluice/db/renaming.h"
#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/simulate.h"

#include <algorithm>

namespace sluice {
namespace {

Column bare(Column column, const std::string& name)
{
    column.name = name;
    column.nullable = true;
    column.default_sql.reset();
    column.sequences.clear();
    return column;
}

} // namespace

TwinShape::TwinShape(const Twin& twin, const Site& site)
    : twin_(twin)
    , site_(site)
    , key_(walking_key(site))
    , kept_name_(kept_name(twin.old.name, site.dialect))
    , old_(*altered(site.table, made_optional(twin.old, site), site.dialect).find(twin.old.name))
    , column_(bare(twin.next, twin.name))
{
    column_.type = twin.type_before.value_or(column_.type);
    // The name that privileges go by is the old column's until contract, and the twin's after it.
    if (site.dialect.capabilities().grants_go_by_name && !is_renamed()) {
        column_.grants.clear();
    }
}

Column TwinShape::kept() const
{
    Column kept = old_;
    kept.name = kept_name_;
    kept.type = twin_.kept_type.value_or(kept.type);
    // It may stay NOT NULL where the trigger always has a value for it.
    const bool always_filled =
        !twin_.next.nullable && twin_.down.is_total && twin_.down.domain.empty();
    kept.nullable = kept.nullable || !always_filled;
    if (site_.dialect.capabilities().grants_go_by_name) {
        kept.grants.clear(); // they are on the name that it had
    }
    return kept;
}

bool TwinShape::is_copy() const
{
    return twin_.up.domain.empty() && twin_.up.expression == site_.dialect.quote(twin_.old.name) &&
           twin_.old.type == twin_.next.type;
}

std::string TwinShape::up() const
{
    return is_copy() ? twin_.up.expression : site_.dialect.converted(twin_.up, column_.type);
}

std::string TwinShape::down() const
{
    Conversion down = twin_.down;
    if (!twin_.down_sees.empty()) {
        down.expression = renamed(down.expression, twin_.down_sees, twin_.name, site_.dialect);
        down.domain = renamed(down.domain, twin_.down_sees, twin_.name, site_.dialect);
    }
    return site_.dialect.converted(down, twin_.old.type);
}

Sync TwinShape::both() const
{
    return {.name = site_.sync_name,
            .table = table(),
            .key = names_of(key_),
            .row = sync_row(site_, {old_, column_}, key_, twin_.reads),
            .direction = SyncDirection::both,
            .olds = {{.name = twin_.old.name,
                      .value = twin_.down,
                      .is_required = old_.nullable && !twin_.old.nullable}},
            .news = {{.name = twin_.name, .value = twin_.up}},
            .down_sees = twin_.down_sees};
}

Sync TwinShape::reverse() const
{
    Sync sync = both();
    sync.row = sync_row(site_, {kept(), twin_.next}, key_, twin_.reads);
    std::erase_if(sync.row, [&](const Column& column) {
        return column.name == twin_.old.name && column.name != twin_.next.name;
    });
    sync.direction = SyncDirection::reverse;
    sync.olds = {{.name = kept_name_, .value = twin_.down}};
    sync.news = {{.name = twin_.next.name, .value = {}}};
    sync.down_sees.clear();
    return sync;
}

std::vector<Index> TwinShape::indexes() const
{
    return indexes_of(site_.table, twin_.old.name, site_.dialect);
}

Index TwinShape::twin_index(const Index& index) const
{
    Index copy = with_column_renamed(index, twin_.old.name, twin_.name, site_.dialect);
    copy.name = twin_index_name(index.name, site_.dialect);
    if (index.is_constraint && !site_.dialect.capabilities().moves_unique_constraints) {
        copy.is_constraint = false; // an index until contract
        copy.options.clear();
        copy.definition.clear();
        copy.known_as.clear();
    }
    return copy;
}

Index TwinShape::kept_index(const Index& index) const
{
    Index kept = with_column_renamed(index, twin_.old.name, kept_name_, site_.dialect);
    kept.name = kept_index_name(index.name, site_.dialect);
    return kept;
}

std::vector<Constraint> TwinShape::constraints() const
{
    std::vector<Constraint> found;
    for (const Check& check : site_.table.checks) {
        if (contains(check.columns, twin_.old.name)) {
            found.emplace_back(check);
        }
    }
    for (const ForeignKey& key : site_.table.foreign_keys) {
        if (contains(key.columns, twin_.old.name)) {
            found.emplace_back(key);
        }
    }
    return found;
}

Constraint TwinShape::twin_constraint(const Constraint& constraint) const
{
    return with_name(with_column_renamed(constraint, twin_.old.name, twin_.name, site_.dialect),
                     twin_index_name(name_of(constraint), site_.dialect));
}

} // namespace sluice
