#include "sluice/db/catalog.h"

#include "sluice/core/error.h"
#include "sluice/db/catalog_reader.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace sluice {

namespace {

template <class T> void sort_named(std::vector<T>& list)
{
    std::stable_sort(list.begin(), list.end(),
                     [](const T& a, const T& b) { return a.name < b.name; });
}

const Table* find_in_schema(const Catalog& catalog, const TableName& name)
{
    const auto found =
        std::find_if(catalog.tables.begin(), catalog.tables.end(), [&](const Table& table) {
            return table.name.schema == name.schema && table.name.name == name.name;
        });
    return found == catalog.tables.end() ? nullptr : &*found;
}

Catalog read_by_engine(Session& session, const std::vector<TableName>& tables)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return read_postgresql_catalog(session, tables);
    case Engine::mysql:
        return read_mysql_catalog(session, tables);
    case Engine::sqlite:
        return read_sqlite_catalog(session, tables);
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

} // namespace

std::string display(const TableName& table)
{
    return table.schema.empty() ? table.name : table.schema + "." + table.name;
}

const Column* Table::find(std::string_view column) const
{
    const auto exact = std::find_if(columns.begin(), columns.end(),
                                    [column](const Column& c) { return c.name == column; });
    if (exact != columns.end()) {
        return &*exact;
    }
    if (!folds_case) {
        return nullptr;
    }
    const auto folded = std::find_if(columns.begin(), columns.end(), [column](const Column& c) {
        return same_ignoring_case(c.name, column);
    });
    return folded == columns.end() ? nullptr : &*folded;
}

const Table* Catalog::find(const TableName& name) const
{
    if (const Table* exact = find_in_schema(*this, name)) {
        return exact;
    }
    if (name.schema.empty()) {
        for (const std::string& schema : search_path) {
            if (const Table* visible = find_in_schema(*this, {schema, name.name})) {
                return visible;
            }
        }
    }
    if (!folds_case) {
        return nullptr;
    }
    const auto folded = std::find_if(tables.begin(), tables.end(), [&name](const Table& table) {
        return same_ignoring_case(table.name.schema, name.schema) &&
               same_ignoring_case(table.name.name, name.name);
    });
    return folded == tables.end() ? nullptr : &*folded;
}

Catalog read_catalog(Session& session)
{
    return read_by_engine(session, {});
}

Catalog read_catalog(Session& session, const std::vector<TableName>& tables)
{
    return tables.empty() ? Catalog{} : read_by_engine(session, tables);
}

void sort_by_name(Table& table)
{
    sort_named(table.indexes);
    sort_named(table.checks);
    sort_named(table.foreign_keys);
    std::stable_sort(table.referenced_by.begin(), table.referenced_by.end(),
                     [](const ForeignKey& a, const ForeignKey& b) {
                         return std::tie(a.referenced, a.name, a.columns) <
                                std::tie(b.referenced, b.name, b.columns);
                     });
    sort_named(table.triggers);
    sort_named(table.views);
}

MentionedNames::MentionedNames(std::string_view sql, Engine engine)
{
    for (const std::string& name : names_in(sql, engine)) {
        names_.insert(lower_case(name));
    }
}

bool MentionedNames::contains(std::string_view name) const
{
    return names_.count(lower_case(name)) != 0;
}

std::vector<std::string> MentionedNames::columns_of(const Table& table) const
{
    std::vector<std::string> columns;
    for (const Column& column : table.columns) {
        if (contains(column.name)) {
            columns.push_back(column.name);
        }
    }
    return columns;
}

bool same_ignoring_case(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && lower_case(a) == lower_case(b);
}

bool is_own_table(std::string_view name)
{
    return name.rfind("sluice_", 0) == 0 && name.rfind("sluice_kept_", 0) != 0;
}

std::int64_t number_in(const Value& value)
{
    std::int64_t number = 0;
    if (value) {
        std::from_chars(value->data(), value->data() + value->size(), number);
    }
    return number;
}

} // namespace sluice
