// Keys on SQLite, where values and not columns have types. A text parameter that is compared with a
// column is converted by the column's affinity, so plain text is the value again; what no affinity
// would give back is marked:
//
//   affinity INTEGER, NUMERIC, TEXT   the value as text; a blob, or a text that begins with the
//   mark
//                                     itself, after the mark: \x01x<hex>, \x01t<text>
//   no affinity                       i<integer>, r<real>, t<text>, x<hex>

#include "sluice/core/error.h"
#include "sluice/db/key_comparison.h"
#include "sluice/db/sqlite/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

constexpr char mark = '\x01';

bool is_typeless(const Type& type)
{
    std::string name = type.sql;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name.find("INT") != std::string::npos || name.find("CHAR") != std::string::npos ||
        name.find("CLOB") != std::string::npos || name.find("TEXT") != std::string::npos) {
        return false;
    }
    return name.empty() || name == "ANY" || name.find("BLOB") != std::string::npos;
}

void bind_tagged(Sql& sql, char tag, std::string value)
{
    switch (tag) {
    case 'i':
        sql.bind(Param{std::move(value), Bind::integer});
        return;
    case 'x':
        sql.bind(Param{std::move(value), Bind::bytes});
        return;
    case 'r':
        sql << "CAST(";
        sql.bind(Param{std::move(value), Bind::text});
        sql << " AS REAL)";
        return;
    default:
        sql.bind(Param{std::move(value), Bind::text});
    }
}

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace

std::optional<std::string> SqliteDialect::key_refusal(const Column& column) const
{
    if (column.nullable && !column.is_identity) {
        return "it may be NULL, and rows without a value have no place in the order";
    }
    if (column.type.family == TypeFamily::floating) {
        return "it is a floating-point number, which has values that are hard to tell apart";
    }
    return std::nullopt;
}

std::string SqliteDialect::key_text(const Column& column, std::string_view qualifier) const
{
    const std::string name =
        (qualifier.empty() ? "" : std::string(qualifier) + ".") + quote(column.name);
    // 17 digits: as many as it takes to read a double back.
    const std::string real = fmt::format("printf('%!.17g', {})", name);
    if (is_typeless(column.type)) {
        return fmt::format("CASE typeof({0}) WHEN 'integer' THEN 'i' || {0} WHEN 'real' THEN 'r' "
                           "|| {1} WHEN 'text' THEN 't' || {0} ELSE 'x' || hex({0}) END",
                           name, real);
    }
    return fmt::format("CASE typeof({0}) WHEN 'integer' THEN CAST({0} AS TEXT) WHEN 'real' THEN "
                       "{1} WHEN 'text' THEN CASE WHEN substr({0}, 1, 1) = char(1) THEN char(1) "
                       "|| 't' || {0} ELSE {0} END ELSE char(1) || 'x' || hex({0}) END",
                       name, real);
}

void SqliteDialect::bind_key(Sql& sql, const Column& column, const std::string& text) const
{
    if (is_typeless(column.type)) {
        bind_tagged(sql, text.empty() ? 't' : text[0], text.empty() ? text : text.substr(1));
        return;
    }
    if (text.size() >= 2 && text[0] == mark) {
        bind_tagged(sql, text[1], text.substr(2));
        return;
    }
    sql.bind(Param{text, Bind::text});
}

void SqliteDialect::key_after(Sql& sql, const std::vector<Column>& key,
                              const KeyValues& values) const
{
    append_row_value(sql, *this, key, ">", values);
}

void SqliteDialect::key_upto(Sql& sql, const std::vector<Column>& key,
                             const KeyValues& values) const
{
    append_row_value(sql, *this, key, "<=", values);
}

std::string SqliteDialect::json_array(const std::vector<std::string>& texts) const
{
    return fmt::format("json_array({})", fmt::join(texts, ", "));
}

InsertFrame SqliteDialect::insert_missing(const InsertMissing& insert) const
{
    std::vector<std::string> columns;
    std::string expressions;
    for (const auto& [column, expression] : insert.set) {
        columns.push_back(column);
        expressions += fmt::format("{}({})", expressions.empty() ? "" : ", ", expression);
    }
    return {.before = fmt::format("INSERT INTO {} ({}) SELECT {}", quote(insert.target),
                                  quote_list(columns), expressions),
            .after = fmt::format(" ON CONFLICT ({}) DO NOTHING", quote_list(insert.target_key))};
}

std::string SqliteDialect::lock_work_rows() const
{
    return {};
}

std::string SqliteDialect::lock_read_row() const
{
    return {};
}

std::string SqliteDialect::explain(std::string_view query) const
{
    return "EXPLAIN QUERY PLAN " + std::string(query);
}

std::optional<std::string> SqliteDialect::explain_refusal(const Rows& plan, const Table& table,
                                                          const std::vector<Column>& key) const
{
    if (!has_key_index(table, key)) {
        return "no index starts with the key's columns";
    }
    for (std::size_t n = 0; n < plan.size(); ++n) {
        const std::string detail = plan[n].back().value_or("");
        if (has(detail, "TEMP B-TREE")) {
            return "the rows would have to be sorted: " + detail;
        }
        if (has(detail, "SCAN")) {
            return "the table would be read from its start for every batch: " + detail;
        }
    }
    return std::nullopt;
}

std::string SqliteDialect::estimate_rows(const TableName& table) const
{
    return "SELECT count(*) FROM " + quote(table);
}

} // namespace sluice
