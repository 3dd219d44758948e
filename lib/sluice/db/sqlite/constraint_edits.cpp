#include "sluice/db/sqlite/constraint_edits.h"

#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/listed_names.h"
#include "sluice/db/sqlite/table_sql.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sluice {

namespace {

std::optional<ConstraintSql> named(const std::vector<ConstraintSql>& constraints,
                                   std::string_view name)
{
    const auto found =
        std::find_if(constraints.begin(), constraints.end(), [name](const ConstraintSql& each) {
            return !each.name.empty() && lower_case(each.name) == lower_case(name);
        });
    return found == constraints.end() ? std::nullopt : std::optional(*found);
}

ConstraintSql constraint_of(std::string_view create_table, std::string_view name)
{
    const TableSql table = read_table_sql(create_table);
    if (const auto found = named(table.constraints, name)) {
        return *found;
    }
    for (const ColumnSql& column : table.columns) {
        if (const auto found = named(column.constraints, name)) {
            return *found;
        }
    }
    throw Error(ErrorKind::internal,
                "the text of the table has no constraint \"" + std::string(name) + "\"");
}

/// The token that begins at or after this place.
std::vector<Token>::const_iterator token_at(const std::vector<Token>& tokens, std::size_t place)
{
    return std::find_if(tokens.begin(), tokens.end(),
                        [place](const Token& token) { return token.begin >= place; });
}

/// Where the last item between the parentheses ends.
std::size_t end_of_items(std::string_view create_table)
{
    const TableSql table = read_table_sql(create_table);
    std::size_t end = 0;
    for (const ColumnSql& column : table.columns) {
        end = std::max(end, column.end);
    }
    for (const ConstraintSql& constraint : table.constraints) {
        end = std::max(end, constraint.end);
    }
    return end;
}

/// What follows REFERENCES is the table; the text of a column's foreign key begins there.
bool refers_to(const ConstraintSql& constraint, std::string_view table)
{
    const std::vector<Token> tokens = tokenize(constraint.text, Engine::sqlite);
    std::size_t at = 0;
    while (constraint.kind == ConstraintSql::Kind::foreign_key && at < tokens.size() &&
           !tokens[at].is("REFERENCES")) {
        ++at;
    }
    at += constraint.kind == ConstraintSql::Kind::foreign_key ? 1 : 0;
    return at < tokens.size() && lower_case(name_in(tokens[at])) == lower_case(table);
}

bool is_foreign_key(const ConstraintSql& constraint, const std::vector<std::string>& columns,
                    std::string_view referenced)
{
    if (constraint.kind != ConstraintSql::Kind::foreign_key) {
        return false;
    }
    std::vector<std::string> own;
    const std::string list = constraint.text.substr(0, constraint.text.find(')') + 1);
    for (const Token& token : listed_columns(list)) {
        own.push_back(name_in(token));
    }
    return same_names(own, columns) && refers_to(constraint, referenced);
}

} // namespace

std::string without_foreign_key(std::string_view create_table,
                                const std::vector<std::string>& columns,
                                std::string_view referenced)
{
    const TableSql table = read_table_sql(create_table);
    for (const ColumnSql& column : table.columns) {
        for (const ConstraintSql& constraint : column.constraints) {
            if (constraint.kind == ConstraintSql::Kind::references &&
                same_names({column.name}, columns) && refers_to(constraint, referenced)) {
                return without_constraint(create_table, constraint);
            }
        }
    }
    for (const ConstraintSql& constraint : table.constraints) {
        if (is_foreign_key(constraint, columns, referenced)) {
            return without_constraint(create_table, constraint);
        }
    }
    throw Error(ErrorKind::internal, "the text of the table has no such foreign key to \"" +
                                         std::string(referenced) + "\"");
}

std::string with_constraint(std::string_view create_table, std::string_view constraint)
{
    const std::size_t end = end_of_items(create_table);
    return std::string(create_table.substr(0, end)) + ", " + std::string(constraint) +
           std::string(create_table.substr(end));
}

std::string without_constraint(std::string_view create_table, std::string_view name)
{
    return without_constraint(create_table, constraint_of(create_table, name));
}

std::string without_constraint(std::string_view create_table, const ConstraintSql& found)
{
    const std::vector<Token> tokens = tokenize(create_table, Engine::sqlite);
    const auto first = token_at(tokens, found.begin);
    std::size_t begin = found.begin;
    if (first != tokens.begin() && (first - 1)->is_symbol(',')) {
        begin = (first - 1)->begin; // of the table: SQLite wants no comma before the parenthesis
    } else if (first != tokens.begin()) {
        begin = (first - 1)->end;
    }
    return std::string(create_table.substr(0, begin)) + std::string(create_table.substr(found.end));
}

std::string with_constraint_name(std::string_view create_table, std::string_view from,
                                 std::string_view to)
{
    const ConstraintSql found = constraint_of(create_table, from);
    const std::vector<Token> tokens = tokenize(create_table, Engine::sqlite);
    const Token& name = *(token_at(tokens, found.begin) + 1); // after CONSTRAINT
    return std::string(create_table.substr(0, name.begin)) + enclosed(to, '"') +
           std::string(create_table.substr(name.end));
}

} // namespace sluice
