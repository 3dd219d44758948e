#include "sluice/backfill/keyset.h"

#include "sluice/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

std::string key_names(const std::vector<Column>& key)
{
    std::string names;
    for (const Column& column : key) {
        names += (names.empty() ? "\"" : ", \"") + column.name + "\"";
    }
    return names;
}

/// The plan as the server gave it, a row a line.
std::string plan_text(const Rows& plan)
{
    std::string text;
    for (const Row& row : plan.rows) {
        std::string line;
        for (const Value& value : row) {
            line += (line.empty() ? "" : " | ") + value.value_or("-");
        }
        text += "\n  " + line;
    }
    return text;
}

Statement first_key_query(const Dialect& dialect, const TableName& table,
                          const std::vector<Column>& key)
{
    Sql sql = dialect.sql();
    sql << "SELECT " << select_key(dialect, key) << " FROM " << dialect.quote(table) << " ORDER BY "
        << order_by_key(dialect, table, key) << " LIMIT 1";
    return sql.take();
}

void refuse_unusable_columns(const Dialect& dialect, const Table& table,
                             const std::vector<Column>& key)
{
    if (key.empty()) {
        throw Error(ErrorKind::refused,
                    fmt::format("table \"{}\" has no key to walk along", display(table.name)),
                    {.hint = "Give it a primary key, or name the columns of a unique index: "
                             "key = [\"…\"]."});
    }
    for (const Column& column : key) {
        if (const auto reason = dialect.key_refusal(column)) {
            throw Error(ErrorKind::refused,
                        fmt::format("column \"{}\" of table \"{}\" cannot be walked along: {}",
                                    column.name, display(table.name), *reason),
                        {.hint = "Name the columns of another unique index: key = [\"…\"]."});
        }
    }
}

} // namespace

std::string encode_key(const KeyValues& values)
{
    try {
        return nlohmann::json(values).dump();
    } catch (const nlohmann::json::exception&) {
        throw Error(ErrorKind::refused,
                    "a key that is not valid UTF-8 cannot be kept as a position",
                    {.hint = "Name the columns of another unique index: key = [\"…\"]."});
    }
}

KeyValues decode_key(std::string_view text)
{
    if (text.empty()) {
        return {};
    }
    try {
        return nlohmann::json::parse(text).get<KeyValues>();
    } catch (const nlohmann::json::exception&) {
        throw Error(ErrorKind::internal, fmt::format("\"{}\" is not a position", text));
    }
}

std::string select_key(const Dialect& dialect, const std::vector<Column>& key)
{
    std::string list;
    for (std::size_t n = 0; n < key.size(); ++n) {
        // Named, so that ORDER BY "id" cannot mean the text instead of the column.
        list += fmt::format("{}{} AS sluice_key_{}", n == 0 ? "" : ", ", dialect.key_text(key[n]),
                            n + 1);
    }
    return list;
}

std::string order_by_key(const Dialect& dialect, const TableName& table,
                         const std::vector<Column>& key)
{
    std::string list;
    for (const Column& column : key) {
        list +=
            (list.empty() ? "" : ", ") + dialect.quote(table) + "." + dialect.quote(column.name);
    }
    return list;
}

Statement boundary_query(const Dialect& dialect, const TableName& table,
                         const std::vector<Column>& key, const KeyValues& after,
                         const KeyValues& upper, std::int64_t rows)
{
    Sql sql = dialect.sql();
    sql << "SELECT " << select_key(dialect, key) << " FROM " << dialect.quote(table) << " WHERE ";
    append_range(sql, dialect, key, after, upper);
    sql << " ORDER BY " << order_by_key(dialect, table, key)
        << fmt::format(" LIMIT 1 OFFSET {}", rows - 1);
    return sql.take();
}

Statement last_key_query(const Dialect& dialect, const TableName& table,
                         const std::vector<Column>& key)
{
    std::string order;
    for (const Column& column : key) {
        order += (order.empty() ? "" : ", ") + dialect.quote(table) + "." +
                 dialect.quote(column.name) + " DESC";
    }
    Sql sql = dialect.sql();
    sql << "SELECT " << select_key(dialect, key) << " FROM " << dialect.quote(table) << " ORDER BY "
        << order << " LIMIT 1";
    return sql.take();
}

std::optional<KeyValues> read_key(const Rows& rows, const std::vector<Column>& key)
{
    if (rows.empty()) {
        return std::nullopt;
    }
    KeyValues values;
    for (std::size_t n = 0; n < key.size(); ++n) {
        if (!rows[0].at(n)) {
            throw Error(ErrorKind::refused,
                        fmt::format("key column \"{}\" is NULL in a row", key[n].name));
        }
        values.push_back(*rows[0][n]);
    }
    return values;
}

void append_range(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                  const KeyValues& after, const KeyValues& upper)
{
    if (!after.empty()) {
        dialect.key_after(sql, key, after);
    }
    if (!upper.empty()) {
        sql << (after.empty() ? "" : " AND ");
        dialect.key_upto(sql, key, upper);
    }
    if (after.empty() && upper.empty()) {
        sql << "1 = 1";
    }
}

void check_boundary_plan(Session& session, const Table& table, const std::vector<Column>& key)
{
    const Dialect& dialect = session.dialect();
    refuse_unusable_columns(dialect, table, key);
    const auto first = read_key(session.query(first_key_query(dialect, table.name, key)), key);
    const auto last = read_key(session.query(last_key_query(dialect, table.name, key)), key);
    if (!first || !last) {
        return; // an empty table is walked in no time, whatever the plan
    }
    Statement query = boundary_query(dialect, table.name, key, *first, *last, 500);
    query.text = dialect.explain(query.text);
    const Rows plan = session.query(query);
    const auto reason = dialect.explain_refusal(plan, table, key);
    if (!reason) {
        return;
    }
    throw Error(ErrorKind::refused,
                fmt::format("table \"{}\" cannot be walked along {}: {}; the server's plan is:{}",
                            display(table.name), key_names(key), *reason, plan_text(plan)),
                {.hint = "Create an index that starts with the key's columns, or name the columns "
                         "of another unique index: key = [\"…\"].",
                 .statement = query.text});
}

} // namespace sluice
