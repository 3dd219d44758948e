// Keys on PostgreSQL: every type that an index can hold has a text form which its own cast reads
// back, and a row value is an index condition.

#include "sluice/core/error.h"
#include "sluice/db/key_comparison.h"
#include "sluice/db/postgresql/dialect.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sluice {

namespace {

using nlohmann::json;

bool is_index_scan(const json& node)
{
    const std::string type = node.value("Node Type", "");
    return type == "Index Scan" || type == "Index Only Scan";
}

/// What only some nodes may do: anything but a limit over the scan of an index that is entered by
/// the key's range, or over such scans of a table's partitions.
std::optional<std::string> refusal_of(const json& node)
{
    const std::string type = node.value("Node Type", "");
    if (is_index_scan(node)) {
        if (!node.contains("Index Cond")) {
            return fmt::format("index \"{}\" is read from its start for every batch",
                               node.value("Index Name", ""));
        }
        return std::nullopt;
    }
    if (type == "Result" && !node.contains("Plans")) {
        return std::nullopt; // a condition that is known to be false
    }
    // A partitioned table's scans, merged or, where one partition is left, alone.
    const bool is_of_partitions = type == "Merge Append" || type == "Append";
    if (type != "Limit" && type != "Result" && type != "Subquery Scan" && !is_of_partitions) {
        return fmt::format("the server would use a {}", type);
    }
    for (const json& child : node.value("Plans", json::array())) {
        if (auto refusal = refusal_of(child)) {
            return refusal;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> PostgresqlDialect::key_refusal(const Column& column) const
{
    static constexpr std::array unordered{"json",    "xml",    "point", "line", "lseg", "box",
                                          "polygon", "circle", "path",  "xid",  "cid"};
    if (column.nullable) {
        return "it may be NULL, and rows without a value have no place in the order";
    }
    if (column.type.family == TypeFamily::floating) {
        return "it is a floating-point number, which has values that are hard to tell apart";
    }
    if (column.type.family == TypeFamily::interval) {
        return "it is an interval, whose text depends on the session";
    }
    if (column.type.family == TypeFamily::json ||
        std::find(unordered.begin(), unordered.end(), column.type.sql) != unordered.end()) {
        return fmt::format("values of type {} have no order", column.type.sql);
    }
    return std::nullopt;
}

std::string PostgresqlDialect::key_text(const Column& column, std::string_view qualifier) const
{
    const std::string name =
        (qualifier.empty() ? "" : std::string(qualifier) + ".") + quote(column.name);
    if (column.type.family == TypeFamily::bytes) {
        return "encode(" + name + ", 'hex')";
    }
    return name + "::text";
}

void PostgresqlDialect::bind_key(Sql& sql, const Column& column, const std::string& text) const
{
    if (column.type.family == TypeFamily::bytes) {
        sql << "decode(";
        sql.bind(std::string_view(text));
        sql << "::text, 'hex')";
        return;
    }
    sql.bind(std::string_view(text));
    sql << "::" << column.type.sql;
}

void PostgresqlDialect::key_after(Sql& sql, const std::vector<Column>& key,
                                  const KeyValues& values) const
{
    append_row_value(sql, *this, key, ">", values);
}

void PostgresqlDialect::key_upto(Sql& sql, const std::vector<Column>& key,
                                 const KeyValues& values) const
{
    append_row_value(sql, *this, key, "<=", values);
}

std::string PostgresqlDialect::json_array(const std::vector<std::string>& texts) const
{
    return fmt::format("json_build_array({})::text", fmt::join(texts, ", "));
}

InsertFrame PostgresqlDialect::insert_missing(const InsertMissing& insert) const
{
    std::vector<std::string> columns;
    std::string expressions;
    for (const auto& [column, expression] : insert.set) {
        columns.push_back(column);
        expressions += fmt::format("{}({})", expressions.empty() ? "" : ", ", expression);
    }
    return {.before = fmt::format("INSERT INTO {} ({}) SELECT {}", quote(insert.target),
                                  quote_list(columns), expressions),
            .after = fmt::format(" FOR SHARE OF {} ON CONFLICT ({}) DO NOTHING",
                                 quote(insert.source.name), quote_list(insert.target_key))};
}

std::string PostgresqlDialect::lock_work_rows() const
{
    return {}; // lock_timeout is below deadlock_timeout: we are the victim anyway
}

std::string PostgresqlDialect::lock_read_row() const
{
    return "FOR SHARE";
}

std::string PostgresqlDialect::explain(std::string_view query) const
{
    return "EXPLAIN (FORMAT JSON) " + std::string(query);
}

std::optional<std::string> PostgresqlDialect::explain_refusal(const Rows& plan, const Table& table,
                                                              const std::vector<Column>& key) const
{
    if (!has_key_index(table, key)) {
        return "no index starts with the key's columns";
    }
    if (plan.empty() || !plan[0][0]) {
        return "the server gave no plan";
    }
    const json tree = json::parse(*plan[0][0], nullptr, false);
    if (!tree.is_array() || tree.empty() || !tree[0].contains("Plan")) {
        return "the server's plan could not be read";
    }
    return refusal_of(tree[0]["Plan"]);
}

std::string PostgresqlDialect::estimate_rows(const TableName& table) const
{
    // As the planner does: the density at the last ANALYZE, times the size now.
    return fmt::format("SELECT (CASE WHEN relpages > 0 THEN greatest(reltuples, 0) / relpages"
                       " ELSE 60 END * (pg_relation_size(oid) / current_setting('block_size')"
                       "::bigint))::bigint FROM pg_class WHERE oid = {}::regclass",
                       literal(quote(table)));
}

} // namespace sluice
