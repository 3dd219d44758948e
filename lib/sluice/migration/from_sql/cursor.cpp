#include "sluice/migration/from_sql/cursor.h"

#include <algorithm>

namespace sluice {

const std::vector<std::string_view>& after_type()
{
    static const std::vector<std::string_view> words{
        "NOT",       "NULL",       "DEFAULT",        "PRIMARY",       "UNIQUE", "REFERENCES",
        "CHECK",     "CONSTRAINT", "COLLATE",        "GENERATED",     "AS",     "COMMENT",
        "FIRST",     "AFTER",      "AUTO_INCREMENT", "AUTOINCREMENT", "ON",     "KEY",
        "INVISIBLE", "VISIBLE",    "STORED",         "VIRTUAL",       "USING",  "CASCADE",
        "RESTRICT"};
    return words;
}

SqlCursor::SqlCursor(std::string_view sql, Engine engine)
    : sql_(sql), tokens_(tokenize(sql, engine))
{
}

bool SqlCursor::is_any(const std::vector<std::string_view>& words) const
{
    return std::any_of(words.begin(), words.end(),
                       [this](std::string_view word) { return is(word); });
}

bool SqlCursor::take(std::initializer_list<std::string_view> words)
{
    std::size_t at = at_;
    for (const std::string_view word : words) {
        if (at >= tokens_.size() || !tokens_[at].is(word)) {
            return false;
        }
        ++at;
    }
    at_ = at;
    return true;
}

bool SqlCursor::take_symbol(char c)
{
    if (!is_symbol(c)) {
        return false;
    }
    ++at_;
    return true;
}

std::optional<std::string> SqlCursor::take_name()
{
    if (at_end() || !tokens_[at_].is_name()) {
        return std::nullopt;
    }
    return tokens_[at_++].text;
}

std::optional<TableName> SqlCursor::take_table()
{
    std::optional<std::string> name = take_name();
    if (!name) {
        return std::nullopt;
    }
    if (!take_symbol('.')) {
        return TableName{.schema = {}, .name = *name};
    }
    const std::optional<std::string> second = take_name();
    if (!second || is_symbol('.')) {
        return std::nullopt;
    }
    return TableName{.schema = *name, .name = *second};
}

std::string SqlCursor::take_text(const std::vector<std::string_view>& ends)
{
    const std::size_t start = at_;
    int depth = 0;
    for (; at_ < tokens_.size(); ++at_) {
        const Token& token = tokens_[at_];
        const bool closes = token.is_symbol(')') || token.is_symbol(']');
        if (depth == 0 && (closes || token.is_symbol(',') || is_any(ends))) {
            break;
        }
        depth += token.is_symbol('(') || token.is_symbol('[') ? 1 : closes ? -1 : 0;
    }
    return text_since(start);
}

std::vector<std::string> SqlCursor::take_list()
{
    std::vector<std::string> parts;
    if (!take_symbol('(')) {
        return parts;
    }
    do {
        parts.push_back(take_text());
    } while (take_symbol(','));
    take_symbol(')');
    return parts;
}

std::vector<std::string> SqlCursor::take_names()
{
    const std::size_t start = at_;
    std::vector<std::string> names;
    bool is_list = take_symbol('(');
    while (is_list) {
        const std::optional<std::string> name = take_name();
        if (!name) {
            break;
        }
        names.push_back(*name);
        if (take_symbol(')')) {
            return names;
        }
        is_list = take_symbol(',');
    }
    at_ = start;
    return {};
}

std::string SqlCursor::text_since(std::size_t place) const
{
    if (place >= at_) {
        return {};
    }
    const std::size_t begin = tokens_[place].begin;
    return std::string(sql_.substr(begin, tokens_[at_ - 1].end - begin));
}

ColumnText take_column_shape(SqlCursor& cursor)
{
    ColumnText column;
    column.type = cursor.take_text(after_type());
    while (!cursor.at_end() && !cursor.is_symbol(',') && !cursor.is_symbol(')')) {
        if (cursor.take({"NOT", "NULL"})) {
            column.is_not_null = true;
        } else if (cursor.take({"NULL"})) {
            column.is_not_null = false;
        } else if (cursor.take({"DEFAULT"})) {
            column.default_sql = cursor.take_text(after_type());
            if (column.default_sql.empty() && cursor.take({"NULL"})) {
                column.default_sql = "NULL";
            }
        } else if (cursor.take({"FIRST"})) {
            column.has_place = true;
        } else if (cursor.take({"AFTER"})) {
            column.has_place = cursor.take_name().has_value();
        } else {
            const std::size_t place = cursor.place();
            cursor.take_name();
            column.unknown = cursor.text_since(place);
            cursor.take_text();
            column.unknown = column.unknown.empty() ? cursor.text_since(place) : column.unknown;
        }
    }
    return column;
}

std::optional<ColumnText> take_column(SqlCursor& cursor)
{
    const std::optional<std::string> name = cursor.take_name();
    if (!name) {
        return std::nullopt;
    }
    ColumnText column = take_column_shape(cursor);
    column.name = *name;
    return column;
}

} // namespace sluice
