#include "sluice/db/constraint_sql.h"

#include "sluice/db/render_parts.h"

#include <algorithm>

namespace sluice {

namespace {

std::string rules_of(const Dialect& dialect, const ForeignKey& key)
{
    std::string text;
    text += key.on_update.empty() ? "" : " ON UPDATE " + key.on_update;
    text += key.on_delete.empty() ? "" : " ON DELETE " + key.on_delete;
    text += key.cleared.empty() ? "" : " (" + dialect.quote_list(key.cleared) + ")";
    return text;
}

/// MATCH stands before the rules, DEFERRABLE after them.
std::string body_of(const Dialect& dialect, const ForeignKey& key)
{
    const bool is_full = key.options.rfind("MATCH FULL", 0) == 0;
    const std::string rest = is_full ? key.options.substr(10) : key.options;
    return "FOREIGN KEY (" + dialect.quote_list(key.columns) + ") REFERENCES " +
           dialect.quote(key.referenced) + " (" + dialect.quote_list(key.referenced_columns) + ")" +
           (is_full ? " MATCH FULL" : "") + rules_of(dialect, key) +
           (rest.empty() || rest.front() == ' ' ? rest : " " + rest);
}

std::string body_of(const Dialect& /*same everywhere*/, const Check& check)
{
    return "CHECK " + check.expression + (check.no_inherit ? " NO INHERIT" : "");
}

std::string keeps_to(const Dialect& dialect, const TableName& table, const ForeignKey& key)
{
    const std::string own = dialect.quote(table) + ".";
    const std::string parent = dialect.quote("sluice_parent");
    const bool is_full = key.options.rfind("MATCH FULL", 0) == 0;
    std::string is_exempt;
    std::string same;
    for (std::size_t n = 0; n < key.columns.size(); ++n) {
        const std::string column = own + dialect.quote(key.columns[n]);
        is_exempt += (n == 0 ? "" : is_full ? " AND " : " OR ") + column + " IS NULL";
        same += (n == 0 ? "" : " AND ") + parent + "." + dialect.quote(key.referenced_columns[n]) +
                " = " + column;
    }
    return "((" + is_exempt + ") OR EXISTS (SELECT 1 FROM " + dialect.quote(key.referenced) +
           " AS " + parent + " WHERE " + same + "))";
}

/// A CHECK that gives NULL is kept to.
std::string keeps_to(const Dialect& /*same everywhere*/, const TableName& /*unused*/,
                     const Check& check)
{
    return "(" + check.expression + " IS NOT FALSE)";
}

} // namespace

std::string body_of(const Dialect& dialect, const Constraint& constraint)
{
    return std::visit([&dialect](const auto& each) { return body_of(dialect, each); }, constraint);
}

std::string foreign_keys_of(const Dialect& dialect, const Table& table)
{
    std::string text;
    for (const ForeignKey& key : table.foreign_keys) {
        text += ", " + (key.name.empty() ? "" : "CONSTRAINT " + dialect.quote(key.name) + " ") +
                body_of(dialect, key);
    }
    return text;
}

std::string keeps_to(const Dialect& dialect, const TableName& table, const Constraint& constraint)
{
    return std::visit([&](const auto& each) { return keeps_to(dialect, table, each); }, constraint);
}

std::vector<TableName> tables_of(const TableName& table, const Constraint& constraint)
{
    std::vector<TableName> tables{table};
    if (const auto* key = std::get_if<ForeignKey>(&constraint)) {
        if (key->referenced != table) {
            tables.push_back(key->referenced);
        }
    }
    return tables;
}

std::vector<TableName> tables_of(const TableName& table, const std::vector<Alteration>& group)
{
    std::vector<TableName> tables{table};
    const auto add = [&](const std::vector<TableName>& more) {
        for (const TableName& each : more) {
            if (std::find(tables.begin(), tables.end(), each) == tables.end()) {
                tables.push_back(each);
            }
        }
    };
    for (const Alteration& alteration : group) {
        std::visit(
            [&](const auto& each) {
                if constexpr (requires { each.constraint; }) {
                    add(tables_of(table, each.constraint));
                }
            },
            alteration);
        add(linked_tables(alteration));
    }
    return tables;
}

} // namespace sluice
