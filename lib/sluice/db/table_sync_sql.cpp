#include "sluice/db/table_sync_sql.h"

#include "sluice/core/error.h"

#include <algorithm>

namespace sluice {

std::vector<SyncSide> sides_of(const TableSync& sync)
{
    const bool is_alone = sync.direction == TableSyncDirection::reverse;
    std::vector<SyncSide> sides;
    if (!is_alone) {
        sides.push_back({sync.from, sync.to, false, false, sync.name + "_f"});
    }
    sides.push_back({sync.to, sync.from, true, is_alone, sync.name + "_t"});
    return sides;
}

const Column& column_of(const SyncedTable& table, const std::string& name)
{
    const auto found = std::find_if(table.row.begin(), table.row.end(),
                                    [&name](const Column& column) { return column.name == name; });
    if (found == table.row.end()) {
        throw Error(ErrorKind::internal, "table \"" + display(table.name) +
                                             "\" of a sync has no column \"" + name + "\"");
    }
    return *found;
}

std::string SideSql::matches(const std::vector<std::string>& key, const std::string& row) const
{
    std::vector<std::string> tests;
    const std::vector<std::string> values = key_values(row);
    for (std::size_t n = 0; n < key.size(); ++n) {
        tests.push_back(dialect_.quote(key[n]) + " = " + values[n]);
    }
    return joined(tests, " AND ");
}

std::string SideSql::key_of_other(const std::string& row) const
{
    return matches(side_.other.key, row);
}

std::string SideSql::key_of_own(const std::string& row) const
{
    return matches(side_.own.key, row);
}

std::vector<std::string> SideSql::key_values(const std::string& row) const
{
    std::vector<std::string> values;
    for (const std::string& column : side_.own.key) {
        values.push_back(row + "." + dialect_.quote(column));
    }
    return values;
}

Computed SideSql::value(const CarriedColumn& carried, const ColumnAt& own) const
{
    return computed_over(dialect_, side_.own.row, carried.value, carried.column, own);
}

Computed SideSql::back(const CarriedColumn& carried, const ColumnAt& other) const
{
    return computed_over(dialect_, side_.other.row, carried.value, carried.column, other);
}

std::string SideSql::differs(const std::string& a, const std::string& b, const Column& column) const
{
    return dialect_.differs(a, b, column.type);
}

std::string SideSql::key_changed() const
{
    std::vector<std::string> tests;
    for (const std::string& name : side_.own.key) {
        const std::string column = dialect_.quote(name);
        tests.push_back(differs("NEW." + column, "OLD." + column, column_of(side_.own, name)));
    }
    return joined(tests, " OR ");
}

std::string SideSql::sources_changed() const
{
    std::vector<std::string> tests;
    for (const Column& each : side_.own.row) {
        const bool is_read = std::any_of(side_.other.carried.begin(), side_.other.carried.end(),
                                         [&](const CarriedColumn& carried) {
                                             const auto read = columns_read(
                                                 {each}, carried.value, dialect_.server().engine);
                                             return !read.empty();
                                         });
        if (is_read) {
            const std::string column = dialect_.quote(each.name);
            tests.push_back(differs("NEW." + column, "OLD." + column, each));
        }
    }
    return joined(tests, " OR ");
}

std::vector<const CarriedColumn*> SideSql::ways_back(const CarriedColumn& carried) const
{
    std::vector<const CarriedColumn*> ways;
    if (side_.is_alone) {
        return ways;
    }
    for (const Column& read :
         columns_read(side_.own.row, carried.value, dialect_.server().engine)) {
        const auto& key = side_.own.key;
        if (std::find(key.begin(), key.end(), read.name) != key.end()) {
            continue; // it is the same in both
        }
        const auto way = std::find_if(
            side_.own.carried.begin(), side_.own.carried.end(),
            [&read](const CarriedColumn& each) { return each.column.name == read.name; });
        if (way == side_.own.carried.end()) {
            return {};
        }
        ways.push_back(&*way);
    }
    return ways;
}

} // namespace sluice
