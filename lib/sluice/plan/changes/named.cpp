#include "sluice/plan/changes/named.h"

#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

template <class Item> const Item* named(const std::vector<Item>& items, const std::string& name)
{
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&name](const Item& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

/// By its own name, or by that of its constraint where that is another one.
const Index* named(const std::vector<Index>& indexes, const std::string& name)
{
    const auto found = std::find_if(indexes.begin(), indexes.end(), [&name](const Index& index) {
        return index.name == name || (index.is_constraint && index.known_as == name);
    });
    return found == indexes.end() ? nullptr : &*found;
}

std::vector<std::string> constraint_names(const Table& table)
{
    std::vector<std::string> names;
    for (const Check& check : table.checks) {
        names.push_back(check.name);
    }
    for (const ForeignKey& key : table.foreign_keys) {
        names.push_back(key.name);
    }
    for (const Index& index : table.indexes) {
        if (index.unique) {
            names.push_back(index.known_as.empty() ? index.name : index.known_as);
        }
    }
    std::erase(names, ""); // SQLite: without a name
    return names;
}

} // namespace

void refuse_taken_name(const Site& site, const std::string& name)
{
    const Table& table = site.table;
    const bool is_index = named(table.indexes, name) != nullptr;
    if (is_index || contains(constraint_names(table), name)) {
        fail_at(site.location,
                fmt::format("table \"{}\" has {} \"{}\" already", display(table.name),
                            is_index ? "an index" : "a constraint", name),
                "Give the new one another name, or drop the old one in a migration before.");
    }
    if (const auto why = site.dialect.name_refusal(name)) {
        fail_at(site.location, fmt::format("\"{}\" {}", name, *why), "Choose another name.");
    }
}

NamedConstraint require_constraint(const Site& site, const std::string& name)
{
    const Table& table = site.table;
    if (const Check* check = named(table.checks, name)) {
        return *check;
    }
    if (const ForeignKey* key = named(table.foreign_keys, name)) {
        return *key;
    }
    const Index* index = named(table.indexes, name);
    if (index != nullptr && index->unique) {
        return *index;
    }
    if (index != nullptr) {
        refuse_at(site.location,
                  fmt::format("\"{}\" of table \"{}\" is {}", name, display(table.name),
                              index->is_constraint ? "an exclusion constraint"
                                                   : "an index without a constraint"),
                  index->is_constraint ? "Write the phases out: `sluice new sql`."
                                       : "The kind for it is drop_index.");
    }
    fail_at(site.location,
            fmt::format("table \"{}\" has no constraint \"{}\"", display(table.name), name),
            nearest_hint(name, constraint_names(table)));
}

const Index& require_index(const Site& site, const std::string& name)
{
    if (const Index* index = named(site.table.indexes, name)) {
        return *index;
    }
    std::vector<std::string> names;
    for (const Index& index : site.table.indexes) {
        names.push_back(index.name);
    }
    fail_at(site.location,
            fmt::format("table \"{}\" has no index \"{}\"", display(site.table.name), name),
            nearest_hint(name, names));
}

} // namespace sluice
