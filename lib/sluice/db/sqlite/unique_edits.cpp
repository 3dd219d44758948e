#include "sluice/db/sqlite/unique_edits.h"

#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/constraint_edits.h"
#include "sluice/db/sqlite/listed_names.h"
#include "sluice/db/sqlite/table_sql.h"
#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice {

namespace {

using Kind = ConstraintSql::Kind;
using Names = std::vector<std::string>;

/// A constraint, and the column that it stands behind, or none.
struct Place {
    ConstraintSql constraint;
    std::string column;
};

bool is_over(const Place& place, const Names& columns)
{
    if (!place.column.empty()) {
        return same_names({place.column}, columns);
    }
    Names own;
    for (const Token& token : listed_columns(place.constraint.text)) {
        own.push_back(name_in(token));
    }
    return same_names(own, columns);
}

std::vector<Place> uniques_over(std::string_view create_table, const Names& columns)
{
    const TableSql table = read_table_sql(create_table);
    std::vector<Place> found;
    const auto add = [&](const ConstraintSql& constraint, const std::string& column) {
        Place place{constraint, column};
        if (constraint.kind == Kind::unique && is_over(place, columns)) {
            found.push_back(std::move(place));
        }
    };
    for (const ColumnSql& column : table.columns) {
        for (const ConstraintSql& constraint : column.constraints) {
            add(constraint, column.name);
        }
    }
    for (const ConstraintSql& constraint : table.constraints) {
        add(constraint, {});
    }
    return found;
}

std::string_view text_of(std::string_view create_table, const ConstraintSql& constraint)
{
    return create_table.substr(constraint.begin, constraint.end - constraint.begin);
}

std::string listed(const Names& columns)
{
    std::string list;
    for (const std::string& column : columns) {
        list += (list.empty() ? "" : ", ") + column;
    }
    return list;
}

Place unique_over(std::string_view create_table, const Names& columns)
{
    const std::vector<Place> found = uniques_over(create_table, columns);
    if (found.empty()) {
        throw Error(ErrorKind::internal,
                    "the text of the table has no UNIQUE over " + listed(columns));
    }
    const auto is_other = [&](const Place& place) {
        return place.column != found[0].column || place.constraint.text != found[0].constraint.text;
    };
    if (std::any_of(found.begin(), found.end(), is_other)) {
        throw Error(ErrorKind::refused,
                    "the table has two UNIQUE over " + listed(columns) + " that are not alike",
                    {.hint = "Write the table anew without one of them, in phases of your own: "
                             "`sluice new sql`."});
    }
    return found[0];
}

std::string conflict_in(std::string_view text)
{
    const std::vector<Token> tokens = tokenize(text, Engine::sqlite);
    for (std::size_t n = 0; n + 2 < tokens.size(); ++n) {
        if (tokens[n].is("ON") && tokens[n + 1].is("CONFLICT")) {
            return "ON CONFLICT " + upper_case(tokens[n + 2].text);
        }
    }
    return {};
}

/// The names in the list of a table's constraint, each in its place.
std::string with_columns(std::string_view create_table, const ConstraintSql& constraint,
                         const Names& to)
{
    std::string text(text_of(create_table, constraint));
    const std::size_t list = text.find(constraint.text);
    const std::vector<Token> tokens = listed_columns(constraint.text);
    for (std::size_t n = tokens.size(); n-- > 0;) {
        if (lower_case(name_in(tokens[n])) != lower_case(to[n])) {
            text.replace(list + tokens[n].begin, tokens[n].end - tokens[n].begin,
                         enclosed(to[n], '"'));
        }
    }
    return std::string(create_table.substr(0, constraint.begin)) + text +
           std::string(create_table.substr(constraint.end));
}

} // namespace

std::optional<UniqueSql> find_unique(std::string_view create_table, const Names& columns)
{
    const std::vector<Place> found = uniques_over(create_table, columns);
    if (found.empty()) {
        return std::nullopt;
    }
    const Place& place = found[0];
    return UniqueSql{.is_of_column = !place.column.empty(),
                     .name = place.constraint.name,
                     .conflict = conflict_in(text_of(create_table, place.constraint))};
}

std::string without_unique(std::string_view create_table, const Names& columns)
{
    (void)unique_over(create_table, columns);
    std::string text(create_table);
    for (auto left = uniques_over(text, columns); !left.empty();
         left = uniques_over(text, columns)) {
        text = without_constraint(text, left[0].constraint);
    }
    return text;
}

std::string with_unique_moved(std::string_view create_table, const Names& from, const Names& to)
{
    const Place place = unique_over(create_table, from);
    if (place.column.empty()) {
        return with_columns(create_table, place.constraint, to);
    }
    const std::string unique(text_of(create_table, place.constraint));
    return with_column_unique(without_unique(create_table, from), to.at(0), unique);
}

std::string with_column_unique(std::string_view create_table, std::string_view column,
                               std::string_view unique)
{
    const TableSql table = read_table_sql(create_table);
    const ColumnSql* found = table.find(column);
    if (found == nullptr) {
        throw Error(ErrorKind::internal,
                    "the text of the table has no column \"" + std::string(column) + "\"");
    }
    return std::string(create_table.substr(0, found->end)) + " " + std::string(unique) +
           std::string(create_table.substr(found->end));
}

std::string with_table_unique(std::string_view create_table, std::string_view unique,
                              const Names& before)
{
    const TableSql table = read_table_sql(create_table);
    const auto next = std::find_if(table.constraints.begin(), table.constraints.end(),
                                   [&](const ConstraintSql& constraint) {
                                       const bool has_index = constraint.kind == Kind::unique ||
                                                              constraint.kind == Kind::primary_key;
                                       return has_index && is_over({constraint, {}}, before);
                                   });
    if (next == table.constraints.end()) {
        return with_constraint(create_table, unique);
    }
    return std::string(create_table.substr(0, next->begin)) + std::string(unique) + ", " +
           std::string(create_table.substr(next->begin));
}

} // namespace sluice
