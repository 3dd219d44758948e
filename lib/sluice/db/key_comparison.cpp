#include "sluice/db/key_comparison.h"

#include <algorithm>

namespace sluice {

namespace {

bool starts_with_key(const std::vector<std::string>& columns, const std::vector<Column>& key)
{
    return columns.size() >= key.size() &&
           std::equal(
               key.begin(), key.end(), columns.begin(),
               [](const Column& column, const std::string& name) { return column.name == name; });
}

/// A part that orders nothing by itself (an expression, a prefix, another direction) ends the list.
std::vector<std::string> ordering_columns(const Index& index)
{
    std::vector<std::string> columns;
    for (const IndexPart& part : index.parts) {
        if (part.column.empty() || part.prefix != 0 ||
            part.descending != index.parts.front().descending) {
            break;
        }
        columns.push_back(part.column);
    }
    return columns;
}

} // namespace

void append_row_value(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                      std::string_view comparison, const KeyValues& values)
{
    const bool several = key.size() > 1;
    sql << (several ? "(" : "");
    for (std::size_t n = 0; n < key.size(); ++n) {
        sql << (n == 0 ? "" : ", ") << dialect.quote(key[n].name);
    }
    sql << (several ? ") " : " ") << comparison << (several ? " (" : " ");
    for (std::size_t n = 0; n < key.size(); ++n) {
        sql << (n == 0 ? "" : ", ");
        dialect.bind_key(sql, key[n], values.at(n));
    }
    sql << (several ? ")" : "");
}

bool has_key_index(const Table& table, const std::vector<Column>& key)
{
    if (starts_with_key(table.primary_key, key)) {
        return true;
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&key](const Index& index) {
        return index.valid && index.predicate.empty() &&
               starts_with_key(ordering_columns(index), key);
    });
}

} // namespace sluice
