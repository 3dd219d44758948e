#include "sluice/plan/keys.h"

#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

/// The columns of a unique index over whole, plain columns; empty for any other index.
std::vector<std::string> columns_of(const Index& index)
{
    if (!index.unique || !index.valid || !index.predicate.empty()) {
        return {};
    }
    std::vector<std::string> columns;
    for (const IndexPart& part : index.parts) {
        if (part.column.empty() || part.prefix != 0 || !part.collation.empty()) {
            return {};
        }
        columns.push_back(part.column);
    }
    return columns;
}

/// All candidates, whether or not their columns can be walked.
std::vector<std::vector<std::string>> candidate_keys(const Table& table)
{
    std::vector<std::vector<std::string>> keys;
    if (!table.primary_key.empty()) {
        keys.push_back(table.primary_key);
    }
    for (const Index& index : table.indexes) {
        const std::vector<std::string> columns = columns_of(index);
        if (!columns.empty()) {
            keys.push_back(columns);
        }
    }
    return keys;
}

/// Why the table cannot be walked by these columns; empty where it can.
std::string refusal_of(const Table& table, const std::vector<std::string>& names,
                       const Dialect& dialect)
{
    for (const std::string& name : names) {
        const Column* column = table.find(name);
        if (column == nullptr) {
            return fmt::format("\"{}\": it is missing", name);
        }
        if (const auto refusal = dialect.key_refusal(*column)) {
            return fmt::format("\"{}\": {}", name, *refusal);
        }
    }
    return {};
}

std::string alternatives(const Table& table, const Dialect& dialect)
{
    std::string list;
    for (const std::vector<std::string>& key : usable_keys(table, dialect)) {
        std::string names;
        for (const std::string& name : key) {
            names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
        }
        list += fmt::format("{}key = [{}]", list.empty() ? "" : " or ", names);
    }
    return list.empty() ? "Add a primary key, or a unique index over NOT NULL columns, and name "
                          "its columns with key = [\"…\"]."
                        : fmt::format("The table can be walked by {}.", list);
}

std::vector<Column> columns_named(const Table& table, const std::vector<std::string>& names)
{
    std::vector<Column> columns;
    for (const std::string& name : names) {
        columns.push_back(*table.find(name));
        columns.back().sequences.clear(); // rows are found by it, not numbered
    }
    return columns;
}

/// The candidate with exactly the columns asked for, in the order of its index.
std::vector<std::string> key_with(const Table& table, std::vector<std::string> asked)
{
    std::sort(asked.begin(), asked.end());
    for (const std::vector<std::string>& candidate : candidate_keys(table)) {
        std::vector<std::string> sorted = candidate;
        std::sort(sorted.begin(), sorted.end());
        if (sorted == asked) {
            return candidate;
        }
    }
    return {};
}

} // namespace

std::vector<std::vector<std::string>> usable_keys(const Table& table, const Dialect& dialect)
{
    std::vector<std::vector<std::string>> usable;
    for (std::vector<std::string>& key : candidate_keys(table)) {
        if (refusal_of(table, key, dialect).empty()) {
            usable.push_back(std::move(key));
        }
    }
    return usable;
}

std::vector<Column> choose_key(const Table& table, const std::vector<std::string>& asked,
                               const Dialect& dialect, const Location& location)
{
    for (const std::string& name : asked) {
        (void)require_column(table, name, location);
    }
    const std::string shown = display(table.name);
    if (asked.empty() && table.primary_key.empty()) {
        refuse_at(location, fmt::format("table \"{}\" has no primary key to walk it by", shown),
                  alternatives(table, dialect));
    }
    const std::vector<std::string> key = asked.empty() ? table.primary_key : key_with(table, asked);
    if (key.empty()) {
        refuse_at(location,
                  fmt::format("table \"{}\" has no unique index over all of {} and nothing else",
                              shown, quoted_names(asked)),
                  alternatives(table, dialect));
    }
    const std::string refusal = refusal_of(table, key, dialect);
    if (!refusal.empty()) {
        refuse_at(location, fmt::format("table \"{}\" cannot be walked by {}", shown, refusal),
                  alternatives(table, dialect));
    }
    return columns_named(table, key);
}

bool is_unique(const Table& table, std::vector<std::string> columns)
{
    const auto sorted = [](std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        return names;
    };
    columns = sorted(std::move(columns));
    if (sorted(table.primary_key) == columns) {
        return true;
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
        std::vector<std::string> names;
        for (const IndexPart& part : index.parts) {
            names.push_back(part.column);
        }
        return index.unique && index.predicate.empty() && sorted(std::move(names)) == columns;
    });
}

} // namespace sluice
