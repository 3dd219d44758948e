#include "sluice/plan/changes/wider_key.h"

#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {
namespace {

struct Place {
    const Table* table;
    std::string column;

    friend bool operator==(const Place&, const Place&) = default;
};

bool is_narrower(const Type& type, const Type& than)
{
    return type.family == TypeFamily::integer && type.bits < than.bits;
}

const Table& table_of(const Site& site, const TableName& name)
{
    const Table* table = site.catalog.find(name);
    if (table == nullptr) {
        refuse_at(site.location,
                  fmt::format("table \"{}\" has a foreign key to \"{}\", and cannot be seen",
                              display(name), display(site.table.name)),
                  "Connect as a user who has rights on both tables.");
    }
    return *table;
}

/// The column, what refers to it, what refers to that.
std::vector<Place> places_of(const Site& site, const std::string& column, const Type& type)
{
    std::vector<Place> places{{&site.table, column}};
    for (std::size_t n = 0; n < places.size(); ++n) {
        for (const ForeignKey& key : places[n].table->referenced_by) {
            const Table& referring = table_of(site, key.referenced);
            for (std::size_t i = 0; i < key.columns.size(); ++i) {
                const Place place{&referring, key.referenced_columns[i]};
                if (key.columns[i] == places[n].column &&
                    is_narrower(referring.find(place.column)->type, type) &&
                    std::find(places.begin(), places.end(), place) == places.end()) {
                    places.push_back(place);
                }
            }
        }
    }
    return places;
}

bool is_about(const std::vector<Place>& places, const Table& table, const ForeignKey& key)
{
    return std::any_of(places.begin(), places.end(), [&](const Place& place) {
        return (place.table == &table && contains(key.columns, place.column)) ||
               (place.table->name == key.referenced &&
                contains(key.referenced_columns, place.column));
    });
}

WiderTable wider_table(const std::vector<Place>& places, const Table& table)
{
    WiderTable wider{.table = table, .columns = {}, .foreign_keys = {}};
    for (const Place& place : places) {
        if (place.table == &table) {
            wider.columns.push_back(place.column);
        }
    }
    std::copy_if(table.foreign_keys.begin(), table.foreign_keys.end(),
                 std::back_inserter(wider.foreign_keys),
                 [&](const ForeignKey& key) { return is_about(places, table, key); });
    return wider;
}

/// Those with a column that becomes wider, and those that refer to one.
std::vector<const Table*> tables_of(const Site& site, const std::vector<Place>& places)
{
    std::vector<const Table*> tables;
    const auto add = [&tables](const Table* table) {
        if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
            tables.push_back(table);
        }
    };
    for (const Place& place : places) {
        add(place.table);
        for (const ForeignKey& key : place.table->referenced_by) {
            if (contains(key.columns, place.column)) {
                add(&table_of(site, key.referenced));
            }
        }
    }
    return tables;
}

bool refers(const WiderTable& from, const WiderTable& to)
{
    return from.table.name != to.table.name &&
           std::any_of(from.foreign_keys.begin(), from.foreign_keys.end(),
                       [&](const ForeignKey& key) { return key.referenced == to.table.name; });
}

std::vector<WiderTable> in_order(std::vector<WiderTable> tables, const Site& site)
{
    std::vector<WiderTable> ordered;
    while (!tables.empty()) {
        const auto free = std::find_if(tables.begin(), tables.end(), [&](const WiderTable& each) {
            return std::none_of(tables.begin(), tables.end(),
                                [&](const WiderTable& other) { return refers(other, each); });
        });
        if (free == tables.end()) {
            refuse_at(site.location,
                      fmt::format("\"{}\" and \"{}\" refer to each other by columns that become "
                                  "wider together",
                                  display(tables[0].table.name), display(tables[1].table.name)),
                      "Drop one of the foreign keys in an earlier migration with "
                      "drop_constraint, and add it again with add_foreign_key in a later one.");
        }
        ordered.push_back(*free);
        std::vector<WiderTable> rest;
        for (const WiderTable& each : tables) {
            if (each.table.name != free->table.name) {
                rest.push_back(each);
            }
        }
        tables.swap(rest);
    }
    return ordered;
}

Type wider_type(const ChangePrimaryKeyChange& change, const Site& site, const Column& column)
{
    const Type type =
        site.dialect.parse_type(require_text(change.type, site.dialect, "`type`", site.location));
    if (type == column.type) {
        fail_at(site.location,
                fmt::format("column \"{}\" of table \"{}\" is {} already", column.name,
                            display(site.table.name), type.sql),
                "Leave the change out.");
    }
    if (type.family != TypeFamily::integer || !is_narrower(column.type, type) ||
        type.is_unsigned != column.type.is_unsigned) {
        refuse_at(site.location,
                  fmt::format("the key \"{}\" of table \"{}\" is {}, of which {} is no wider "
                              "integer",
                              column.name, display(site.table.name), column.type.sql, type.sql),
                  "Give the table a successor with another key: copy_table.");
    }
    return type;
}

} // namespace

bool WiderKey::has(const TableName& table, const std::string& column) const
{
    return std::any_of(tables.begin(), tables.end(), [&](const WiderTable& each) {
        return each.table.name == table && contains(each.columns, column);
    });
}

WiderKey wider_key(const ChangePrimaryKeyChange& change, const Site& site)
{
    const Column& column = require_column(site.table, change.column, site.location);
    if (!contains(site.table.primary_key, column.name)) {
        fail_at(site.location,
                fmt::format("column \"{}\" is not part of the primary key of table \"{}\"",
                            column.name, display(site.table.name)),
                "Change it with kind = \"change_column\".");
    }
    const Type type = wider_type(change, site, column);
    const std::vector<Place> places = places_of(site, column.name, type);
    std::vector<WiderTable> tables;
    for (const Table* table : tables_of(site, places)) {
        tables.push_back(wider_table(places, *table));
    }
    return {.type = type, .tables = in_order(std::move(tables), site)};
}

bool has_wider_key(const WiderTable& table)
{
    return std::any_of(table.table.primary_key.begin(), table.table.primary_key.end(),
                       [&](const std::string& column) { return contains(table.columns, column); });
}

} // namespace sluice
