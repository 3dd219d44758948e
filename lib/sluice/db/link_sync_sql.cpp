#include "sluice/db/link_sync_sql.h"

#include "sluice/db/absence.h"

#include <utility>

namespace sluice {

namespace {

std::string both(const std::string& one, const std::string& other)
{
    return one + " AND " + other;
}

std::string no(const std::string& condition)
{
    return "NOT (" + condition + ")";
}

} // namespace

std::vector<LinkSide> sides_of(const LinkSync& sync)
{
    std::vector<LinkSide> sides;
    const bool is_silent = sync.direction == LinkDirection::reverse && sync.from.is_part;
    if (!is_silent) {
        sides.push_back({sync, false, sync.name + "_f"});
    }
    sides.push_back({sync, true, sync.name + "_t"});
    return sides;
}

std::string LinkSql::takes(LinkEvent event, std::size_t n, const ColumnAt& own,
                           const ColumnAt& other) const
{
    const bool gives_all = side_.has_part() && (side_.is_reverse() || !side_.is_new);
    if (event == LinkEvent::update || (event == LinkEvent::relink && gives_all)) {
        return {};
    }
    if (side_.is_reverse()) {
        return side_.is_new ? std::string() : differs(n, own, other);
    }
    if (side_.is_new) {
        const std::string unsaid = is_absent(n, own(side_.own_column(n).name));
        const std::string taken = both(unsaid, other_says(n, other));
        return event == LinkEvent::insert ? taken : both(no(changed(n)), taken);
    }
    return event == LinkEvent::insert
               ? both("(" + all_absent(own) + ")", differs(n, own, other))
               : both(no(changed(n)), both(other_says(n, other), differs(n, own, other)));
}

std::string LinkSql::carries(LinkEvent event, std::size_t n, const ColumnAt& own,
                             const ColumnAt& other) const
{
    const std::string differ = differs(n, own, other);
    if (side_.is_reverse()) {
        return side_.is_new ? differ : std::string();
    }
    if (event == LinkEvent::update) {
        return both("(" + changed(n) + ")", differ);
    }
    if (side_.has_part() && !side_.is_new && event == LinkEvent::relink) {
        return differ;
    }
    const std::string said = no(is_absent(n, own(side_.own_column(n).name)));
    if (event == LinkEvent::insert) {
        return both(side_.is_new ? said : no(all_absent(own)), differ);
    }
    const std::string otherwise = side_.is_new ? said : no(other_says(n, other));
    return both("(" + changed(n) + " OR " + otherwise + ")", differ);
}

std::string LinkSql::all_absent(const ColumnAt& own) const
{
    return joined(absences(own), " AND ");
}

std::string LinkSql::any_absent(const ColumnAt& own) const
{
    return joined(absences(own), " OR ");
}

std::vector<std::string> LinkSql::absences(const ColumnAt& own) const
{
    std::vector<std::string> tests;
    for (std::size_t n = 0; n < side_.sync.columns.size(); ++n) {
        tests.push_back(is_absent(n, own(side_.own_column(n).name)));
    }
    return tests;
}

std::string LinkSql::absent(std::size_t n) const
{
    return sluice::absent(dialect_, side_.own_column(n));
}

std::string LinkSql::is_absent(std::size_t n, const std::string& value) const
{
    const Column& column = side_.own_column(n);
    return column.default_sql ? no(says(dialect_, column, value)) : value + " IS NULL";
}

std::string LinkSql::other_says(std::size_t n, const ColumnAt& other) const
{
    const Column& column = side_.other_column(n);
    return says(dialect_, column, other(column.name));
}

std::string LinkSql::differs(std::size_t n, const ColumnAt& own, const ColumnAt& other) const
{
    const Column& column = side_.own_column(n);
    return dialect_.differs(other(side_.other_column(n).name), own(column.name), column.type);
}

std::string LinkSql::changed(std::size_t n) const
{
    const Column& column = side_.own_column(n);
    const std::string name = dialect_.quote(column.name);
    return dialect_.differs("NEW." + name, "OLD." + name, column.type);
}

std::string LinkSql::link_changed() const
{
    std::vector<std::string> tests;
    for (const Column& column : side_.own().link) {
        const std::string name = dialect_.quote(column.name);
        tests.push_back(dialect_.differs("NEW." + name, "OLD." + name, column.type));
    }
    return joined(tests, " OR ");
}

std::string LinkSql::columns_changed() const
{
    std::vector<std::string> tests;
    for (std::size_t n = 0; n < side_.sync.columns.size(); ++n) {
        tests.push_back(changed(n));
    }
    return joined(tests, " OR ");
}

std::string LinkSql::are_linked(const ColumnAt& own, const ColumnAt& other) const
{
    std::vector<std::string> tests;
    for (std::size_t n = 0; n < side_.own().link.size(); ++n) {
        tests.push_back(other(side_.other().link[n].name) + " = " + own(side_.own().link[n].name));
    }
    return joined(tests, " AND ");
}

std::string LinkSql::is_own(const std::vector<Column>& columns, const char* row) const
{
    std::vector<std::string> tests;
    for (const Column& column : columns) {
        tests.push_back(in_own()(column.name) + " = " + in(row)(column.name));
    }
    return joined(tests, " AND ");
}

std::string LinkSql::other_link_is(const char* row) const
{
    return are_linked(in(row), in_other());
}

std::vector<std::string> LinkSql::moved_with_values() const
{
    std::vector<std::string> set;
    for (std::size_t n = 0; n < side_.own().link.size(); ++n) {
        set.push_back(dialect_.quote(side_.other().link[n].name) + " = " +
                      in("NEW")(side_.own().link[n].name));
    }
    for (std::size_t n = 0; n < side_.sync.columns.size(); ++n) {
        const std::string& column = side_.other_column(n).name;
        const std::string value = in("NEW")(side_.own_column(n).name);
        const bool may_be_unfilled = side_.is_new && !side_.is_reverse();
        set.push_back(dialect_.quote(column) + " = " +
                      (may_be_unfilled
                           ? "CASE WHEN " + changed(n) + " OR " + no(is_absent(n, value)) +
                                 " THEN " + value + " ELSE " + in_other()(column) + " END"
                           : value));
    }
    return set;
}

ColumnAt LinkSql::in_own() const
{
    return in(dialect_.quote(side_.own().name.name));
}

ColumnAt LinkSql::in_other() const
{
    return in(dialect_.quote(side_.other().name.name));
}

ColumnAt LinkSql::in(std::string row) const
{
    return [&dialect = dialect_, row = std::move(row)](const std::string& column) {
        return row + "." + dialect.quote(column);
    };
}

} // namespace sluice
