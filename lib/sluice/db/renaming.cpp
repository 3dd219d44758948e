#include "sluice/db/renaming.h"

#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice {

namespace {

bool same_word(std::string_view a, std::string_view b)
{
    return lower_case(a) == lower_case(b);
}

std::vector<std::string> columns_of(const Constraint& constraint)
{
    return std::visit([](const auto& each) { return each.columns; }, constraint);
}

} // namespace

std::string renamed(const std::string& sql, const std::string& from, const std::string& to,
                    const Dialect& dialect)
{
    const std::vector<Token> tokens = tokenize(sql, dialect.server().engine);
    std::string text;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        const bool is_qualified = i > 0 && tokens[i - 1].is_symbol('.');
        const bool is_call = i + 1 < tokens.size() && tokens[i + 1].is_symbol('(');
        if (token.is_name() && same_word(token.text, from) && !is_qualified && !is_call) {
            text += sql.substr(copied, token.begin - copied) + dialect.quote(to);
            copied = token.end;
        }
    }
    return text + sql.substr(copied);
}

Constraint with_column_renamed(Constraint constraint, const std::string& from,
                               const std::string& to, const Dialect& dialect)
{
    std::visit(
        [&](auto& each) { std::replace(each.columns.begin(), each.columns.end(), from, to); },
        constraint);
    if (auto* check = std::get_if<Check>(&constraint)) {
        check->expression = renamed(check->expression, from, to, dialect);
    } else {
        auto& cleared = std::get<ForeignKey>(constraint).cleared;
        std::replace(cleared.begin(), cleared.end(), from, to);
    }
    return constraint;
}

Index with_column_renamed(Index index, const std::string& from, const std::string& to,
                          const Dialect& dialect)
{
    index.definition.clear();
    std::replace(index.included.begin(), index.included.end(), from, to);
    for (IndexPart& part : index.parts) {
        part.column = part.column == from ? to : part.column;
        part.expression = renamed(part.expression, from, to, dialect);
    }
    index.predicate = renamed(index.predicate, from, to, dialect);
    return index;
}

std::string name_at_start(const std::vector<Alteration>& group, std::size_t at, std::string name)
{
    for (std::size_t n = at; n-- > 0;) {
        const auto* rename = std::get_if<RenameColumn>(&group[n]);
        if (rename != nullptr && rename->to == name) {
            name = rename->from;
        }
    }
    return name;
}

std::string name_at_end(const std::vector<Alteration>& group, std::size_t at, std::string name)
{
    for (std::size_t n = at + 1; n < group.size(); ++n) {
        const auto* rename = std::get_if<RenameColumn>(&group[n]);
        if (rename != nullptr && rename->from == name) {
            name = rename->to;
        }
    }
    return name;
}

Index index_at_start(const std::vector<Alteration>& group, std::size_t at, Index index)
{
    for (IndexPart& part : index.parts) {
        part.column = name_at_start(group, at, part.column);
    }
    for (std::string& column : index.included) {
        column = name_at_start(group, at, column);
    }
    return index;
}

Index index_at_end(const std::vector<Alteration>& group, std::size_t at, Index index)
{
    for (IndexPart& part : index.parts) {
        part.column = name_at_end(group, at, part.column);
    }
    for (std::string& column : index.included) {
        column = name_at_end(group, at, column);
    }
    return index;
}

Constraint constraint_at_start(const std::vector<Alteration>& group, std::size_t at,
                               Constraint constraint, const Dialect& dialect)
{
    for (const std::string& column : columns_of(constraint)) {
        const std::string start = name_at_start(group, at, column);
        if (start != column) {
            constraint = with_column_renamed(std::move(constraint), column, start, dialect);
        }
    }
    return constraint;
}

Constraint constraint_at_end(const std::vector<Alteration>& group, std::size_t at,
                             Constraint constraint, const Dialect& dialect)
{
    for (const std::string& column : columns_of(constraint)) {
        const std::string end = name_at_end(group, at, column);
        if (end != column) {
            constraint = with_column_renamed(std::move(constraint), column, end, dialect);
        }
    }
    return constraint;
}

} // namespace sluice
