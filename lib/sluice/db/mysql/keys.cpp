// Keys on MySQL and MariaDB. A bound text is always cast to the column's type, because a number
// compared with a text is compared as a double. Row values are not run as ranges: "after" and
// "up to" are expanded.

#include "sluice/core/error.h"
#include "sluice/db/key_comparison.h"
#include "sluice/db/mysql/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

/// Below this number of rows a plan says nothing: the optimizer may read all of a tiny table.
constexpr long long tiny_table = 2000;

/// "datetime" of "DATETIME(6)".
std::string type_word(const Type& type)
{
    std::string word;
    for (const char c : type.sql) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
            break;
        }
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return word;
}

std::string fraction(const Type& type)
{
    return type.precision && *type.precision > 0 ? fmt::format("({})", *type.precision) : "";
}

/// The type to cast a text to before it is compared with the column; empty: it is compared as text.
std::string cast_target(const Type& type)
{
    const std::string word = type_word(type);
    if (word == "uuid" || word == "inet6" || word == "inet4") {
        return word;
    }
    if (word == "year" || type.family == TypeFamily::bits) {
        return "UNSIGNED";
    }
    switch (type.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
        return type.is_unsigned ? "UNSIGNED" : "SIGNED";
    case TypeFamily::decimal:
        return fmt::format("DECIMAL({}, {})", type.precision.value_or(65), type.scale.value_or(30));
    case TypeFamily::date:
        return "DATE";
    case TypeFamily::time:
        return "TIME" + fraction(type);
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
        return "DATETIME" + fraction(type);
    default:
        return {};
    }
}

/// a > x OR (a = x AND (b > y OR (b = y AND c > z)))
void append_expanded(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                     std::string_view strict, std::string_view last, const KeyValues& values)
{
    sql << "(";
    for (std::size_t n = 0; n < key.size(); ++n) {
        const std::string name = dialect.quote(key[n].name);
        const bool is_last = n + 1 == key.size();
        sql << name << " " << (is_last ? last : strict) << " ";
        dialect.bind_key(sql, key[n], values.at(n));
        if (!is_last) {
            sql << " OR (" << name << " = ";
            dialect.bind_key(sql, key[n], values.at(n));
            sql << " AND (";
        }
    }
    for (std::size_t n = 0; n + 1 < key.size(); ++n) {
        sql << "))";
    }
    sql << ")";
}

std::string cell(const Rows& rows, std::size_t row, std::string_view column)
{
    const auto found = std::find(rows.columns.begin(), rows.columns.end(), column);
    if (found == rows.columns.end()) {
        return {};
    }
    return rows[row][static_cast<std::size_t>(found - rows.columns.begin())].value_or("");
}

bool is_tiny(const std::string& rows)
{
    return rows.size() < 10 && std::atoll(rows.c_str()) <= tiny_table;
}

} // namespace

std::optional<std::string> MysqlDialect::key_refusal(const Column& column) const
{
    const std::string word = type_word(column.type);
    if (column.nullable) {
        return "it may be NULL, and rows without a value have no place in the order";
    }
    if (column.type.family == TypeFamily::floating) {
        return "it is a floating-point number, which has values that are hard to tell apart";
    }
    if (column.type.family == TypeFamily::enumeration || word == "enum" || word == "set") {
        return fmt::format("{} is ordered by number but compared as text", column.type.sql);
    }
    if (column.type.family == TypeFamily::json ||
        (column.type.family == TypeFamily::other && cast_target(column.type).empty())) {
        return fmt::format("values of type {} have no order", column.type.sql);
    }
    return std::nullopt;
}

std::string MysqlDialect::key_text(const Column& column, std::string_view qualifier) const
{
    const std::string name =
        (qualifier.empty() ? "" : std::string(qualifier) + ".") + quote(column.name);
    if (column.type.family == TypeFamily::bytes) {
        return "HEX(" + name + ")";
    }
    if (column.type.family == TypeFamily::bits) {
        return "CAST(" + name + " + 0 AS CHAR)";
    }
    return "CAST(" + name + " AS CHAR)";
}

void MysqlDialect::bind_key(Sql& sql, const Column& column, const std::string& text) const
{
    if (column.type.family == TypeFamily::bytes) {
        sql << "UNHEX(";
        sql.bind(std::string_view(text));
        sql << ")";
        return;
    }
    const std::string target = cast_target(column.type);
    if (!target.empty()) {
        sql << "CAST(";
        sql.bind(std::string_view(text));
        sql << " AS " << target << ")";
        return;
    }
    if (column.charset.empty() || column.collation.empty()) {
        sql.bind(std::string_view(text)); // a parameter takes the collation of the column
        return;
    }
    sql << "CONVERT(";
    sql.bind(std::string_view(text));
    sql << " USING " << column.charset << ") COLLATE " << column.collation;
}

void MysqlDialect::key_after(Sql& sql, const std::vector<Column>& key,
                             const KeyValues& values) const
{
    append_expanded(sql, *this, key, ">", ">", values);
}

void MysqlDialect::key_upto(Sql& sql, const std::vector<Column>& key, const KeyValues& values) const
{
    append_expanded(sql, *this, key, "<", "<=", values);
}

std::string MysqlDialect::json_array(const std::vector<std::string>& texts) const
{
    return fmt::format("json_array({})", fmt::join(texts, ", "));
}

InsertFrame MysqlDialect::insert_missing(const InsertMissing& insert) const
{
    // The expressions are evaluated in a derived table, where no column of the target is in sight.
    // NOT EXISTS keeps the number of affected rows true: a row skipped as a duplicate counts as
    // one.
    std::vector<std::string> columns;
    std::vector<std::string> names;
    std::vector<std::string> expressions;
    std::string matches;
    for (const auto& [column, expression] : insert.set) {
        const std::string name = fmt::format("sluice_{}", names.size() + 1);
        columns.push_back(column);
        expressions.push_back(fmt::format("({}) AS {}", expression, name));
        const auto& key = insert.target_key;
        if (std::find(key.begin(), key.end(), column) != key.end()) {
            matches += fmt::format("{}sluice_target.{} = sluice_source.{}",
                                   matches.empty() ? "" : " AND ", quote(column), name);
        }
        names.push_back(name);
    }
    const std::string target = quote(insert.target);
    const std::string first = target + "." + quote(insert.target_key.at(0));
    return {.before = fmt::format("INSERT INTO {} ({}) SELECT {} FROM (SELECT {}", target,
                                  quote_list(columns), fmt::join(names, ", "),
                                  fmt::join(expressions, ", ")),
            .after = fmt::format(" {}) AS sluice_source WHERE NOT EXISTS (SELECT 1 FROM {} AS "
                                 "sluice_target WHERE {}) ON DUPLICATE KEY UPDATE {} = {}",
                                 lock_read_row(), target, matches, first, first)};
}

std::string MysqlDialect::lock_work_rows() const
{
    // MariaDB's sessions for batches do not wait for row locks at all; MySQL's least wait is 1 s,
    // in which InnoDB may choose the application as the victim of a deadlock.
    return server().is_mariadb ? "" : "FOR UPDATE NOWAIT";
}

std::string MysqlDialect::lock_read_row() const
{
    return server().is_mariadb ? "LOCK IN SHARE MODE" : "FOR SHARE NOWAIT";
}

std::string MysqlDialect::explain(std::string_view query) const
{
    return "EXPLAIN FORMAT=TRADITIONAL " + std::string(query);
}

std::optional<std::string> MysqlDialect::explain_refusal(const Rows& plan, const Table& table,
                                                         const std::vector<Column>& key) const
{
    if (!has_key_index(table, key)) {
        return "no index starts with the key's columns";
    }
    if (plan.empty()) {
        return "the server gave no plan";
    }
    for (std::size_t n = 0; n < plan.size(); ++n) {
        const std::string type = cell(plan, n, "type");
        if (type.empty() || is_tiny(cell(plan, n, "rows"))) {
            continue; // nothing to read, or so little that the plan says nothing
        }
        if (type == "ALL" || cell(plan, n, "key").empty()) {
            return "the server would read the whole table";
        }
        if (cell(plan, n, "Extra").find("filesort") != std::string::npos) {
            return fmt::format("the server would use index \"{}\" and sort", cell(plan, n, "key"));
        }
    }
    return std::nullopt;
}

std::string MysqlDialect::estimate_rows(const TableName& table) const
{
    return fmt::format("SELECT coalesce(max(table_rows), 0) FROM information_schema.tables WHERE "
                       "table_schema = {} AND table_name = {}",
                       table.schema.empty() ? "database()" : literal(table.schema),
                       literal(table.name));
}

} // namespace sluice
