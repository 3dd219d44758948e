// MySQL and MariaDB tell the same things by different words: MariaDB prints a default as SQL, MySQL
// as a bare value with a mark where it is an expression; MariaDB's JSON is LONGTEXT with a check;
// only MySQL says which tables a view reads and has expressions in indexes.

#include "sluice/db/catalog_reader.h"
#include "sluice/db/dialect.h"
#include "sluice/db/mysql/catalog_versions.h"
#include "sluice/db/mysql/foreign_keys.h"
#include "sluice/db/session.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <map>

namespace sluice {

namespace {

/// Tables under construction, by name.
using Tables = std::map<std::string, Table, std::less<>>;

class Reader {
public:
    /// `only`: the one table to read; empty: all. A constant name is what the server's
    /// information_schema looks up without opening every table.
    Reader(Session& session, std::string only)
        : session_(session), server_(session.dialect().server()), only_(std::move(only))
    {
    }

    Tables read()
    {
        read_tables();
        if (tables_.empty()) {
            return {};
        }
        read_partitions();
        read_columns();
        read_indexes();
        read_checks();
        read_column_grants();
        read_foreign_keys();
        read_triggers();
        read_views();
        for (auto& table : tables_) {
            sort_by_name(table.second);
        }
        return std::move(tables_);
    }

private:
    [[nodiscard]] Rows query(const std::string& columns, const std::string& from,
                             const std::string& schema_and_table, const std::string& order = {})
    {
        const std::size_t comma = schema_and_table.find(',');
        std::string sql = "SELECT " + columns + " FROM information_schema." + from + " WHERE " +
                          schema_and_table.substr(0, comma) + " = DATABASE()";
        if (!only_.empty() && comma != std::string::npos) {
            sql += " AND " + schema_and_table.substr(comma + 1) + " = " +
                   session_.dialect().literal(only_);
        }
        return session_.query(sql + (order.empty() ? "" : " ORDER BY " + order));
    }

    [[nodiscard]] Table* find(const Value& name)
    {
        const auto found = name ? tables_.find(*name) : tables_.end();
        return found == tables_.end() ? nullptr : &found->second;
    }

    void read_tables();
    void read_partitions();
    void read_columns();
    [[nodiscard]] Column column_of(const Row& row, const Table& table) const;
    [[nodiscard]] std::optional<std::string> default_of(const Row& row, const Type& type) const;
    void read_indexes();
    void read_checks();
    void read_column_grants();
    void add_check(Table& table, Check check) const;
    void read_foreign_keys();
    void add_foreign_keys(const Rows& rows);
    void read_triggers();
    void read_views();

    Session& session_;
    Server server_;
    std::string only_;
    Tables tables_;
};

bool contains(const std::string& text, std::string_view part)
{
    return lower_case(text).find(part) != std::string::npos;
}

void Reader::read_tables()
{
    const Rows rows = query("TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_ROWS, "
                            "CREATE_OPTIONS, TABLE_COMMENT",
                            "TABLES", "TABLE_SCHEMA,TABLE_NAME");
    for (const Row& row : rows.rows) {
        const std::string& name = *row[0];
        const bool is_view = contains(*row[1], "view");
        const bool is_table = contains(*row[1], "base table") || contains(*row[1], "versioned");
        const bool is_other = !only_.empty() && name != only_; // found by collation
        if (is_other || is_own_table(name) || (!is_view && !is_table)) {
            continue;
        }
        Table table;
        table.name.name = name;
        if (is_view) {
            table.kind = TableKind::view;
        } else if (contains(row[5].value_or(""), "partitioned")) {
            table.kind = TableKind::partitioned;
        }
        table.storage = row[2].value_or("");
        table.collation = row[3].value_or("");
        table.comment = is_view ? "" : row[6].value_or("");
        table.estimated_rows = number_in(row[4]);
        table.folds_case = true;
        tables_.emplace(name, std::move(table));
    }
}

void Reader::read_partitions()
{
    const bool has_some = std::any_of(tables_.begin(), tables_.end(), [](const auto& each) {
        return each.second.kind == TableKind::partitioned;
    });
    if (!has_some) {
        return;
    }
    const Rows rows = query("DISTINCT TABLE_NAME, concat_ws(' ', PARTITION_METHOD, "
                            "PARTITION_EXPRESSION, SUBPARTITION_METHOD, SUBPARTITION_EXPRESSION)",
                            "PARTITIONS", "TABLE_SCHEMA,TABLE_NAME");
    for (const Row& row : rows.rows) {
        Table* table = find(row[0]);
        if (table != nullptr && table->kind == TableKind::partitioned) {
            table->partition_key = row[1].value_or("");
        }
    }
}

void Reader::read_columns()
{
    const Rows rows =
        query("TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, "
              "COLLATION_NAME, CHARACTER_SET_NAME, COLUMN_COMMENT, GENERATION_EXPRESSION",
              "COLUMNS", "TABLE_SCHEMA,TABLE_NAME", "TABLE_NAME, ORDINAL_POSITION");
    for (const Row& row : rows.rows) {
        if (Table* table = find(row[0])) {
            table->columns.push_back(column_of(row, *table));
        }
    }
}

/// MySQL escapes the quotes of the expressions that it stores.
std::string without_escapes(std::string expression)
{
    for (std::size_t at = expression.find("\\'"); at != std::string::npos;
         at = expression.find("\\'", at + 1)) {
        expression.erase(at, 1);
    }
    return expression;
}

Column Reader::column_of(const Row& row, const Table& table) const
{
    const std::string extra = row[5].value_or("");
    Column column;
    column.name = *row[1];
    column.type = session_.dialect().parse_type(*row[2]);
    column.nullable = *row[3] == "YES";
    column.is_identity = contains(extra, "auto_increment");
    column.on_update_now = contains(extra, "on update current_timestamp");
    column.collation = row[6].value_or("");
    column.charset = row[7].value_or("");
    column.comment = row[8].value_or("");
    if (column.collation == table.collation) {
        column.collation.clear();
    }
    if (contains(extra, "generated") && !contains(extra, "default_generated")) {
        const std::string expression = row[9].value_or("");
        column.generated = server_.is_mariadb ? expression : without_escapes(expression);
        if (contains(extra, "stored") || contains(extra, "persistent")) {
            column.settings = {"STORED"};
        }
    } else {
        column.default_sql = default_of(row, column.type);
    }
    return column;
}

std::optional<std::string> Reader::default_of(const Row& row, const Type& type) const
{
    if (!row[4] || (server_.is_mariadb && *row[4] == "NULL")) {
        return std::nullopt;
    }
    const std::string& text = *row[4];
    const bool is_clock = contains(text, "current_timestamp");
    if (server_.is_mariadb) {
        return text;
    }
    if (contains(row[5].value_or(""), "default_generated")) {
        return is_clock ? text : "(" + without_escapes(text) + ")";
    }
    const bool is_temporal =
        type.family == TypeFamily::timestamp || type.family == TypeFamily::timestamp_tz;
    const bool is_bare = type.family == TypeFamily::boolean || type.family == TypeFamily::integer ||
                         type.family == TypeFamily::decimal ||
                         type.family == TypeFamily::floating || type.family == TypeFamily::bits;
    return is_bare || (is_clock && is_temporal) ? text : session_.dialect().literal(text);
}

/// The word by which the optimizer is told to leave an index alone, or an empty text.
std::string hidden_index(const Server& server)
{
    if (server.is_mariadb) {
        return server.version >= 100600 ? "IF(IGNORED = 'YES', 'IGNORED', '')" : "''";
    }
    return server.version >= 80000 ? "IF(IS_VISIBLE = 'NO', 'INVISIBLE', '')" : "''";
}

void Reader::read_indexes()
{
    const bool has_expressions = !server_.is_mariadb && server_.version >= 80013;
    const Rows rows =
        query("TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE, " +
                  std::string(has_expressions ? "EXPRESSION" : "NULL") + ", INDEX_COMMENT, " +
                  hidden_index(server_),
              "STATISTICS", "TABLE_SCHEMA,TABLE_NAME", "TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX");
    for (const Row& row : rows.rows) {
        Table* table = find(row[0]);
        if (table == nullptr) {
            continue;
        }
        if (*row[1] == "PRIMARY") {
            table->primary_key.push_back(row[3].value_or(""));
            continue;
        }
        if (table->indexes.empty() || table->indexes.back().name != *row[1]) {
            Index index;
            index.name = *row[1];
            index.unique = *row[2] == "0";
            index.method = lower_case(row[6].value_or(""));
            index.comment = row[8].value_or("");
            index.options = row[9].value_or("");
            table->indexes.push_back(std::move(index));
        }
        IndexPart part;
        part.column = row[3].value_or("");
        part.expression = without_escapes(row[7].value_or(""));
        part.descending = row[4] == "D";
        part.prefix = number_in(row[5]);
        table->indexes.back().parts.push_back(std::move(part));
    }
}

void Reader::read_column_grants()
{
    const Rows rows =
        query("TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE", "COLUMN_PRIVILEGES",
              "TABLE_SCHEMA,TABLE_NAME", "TABLE_NAME, COLUMN_NAME, GRANTEE, PRIVILEGE_TYPE");
    for (const Row& row : rows.rows) {
        Table* table = find(row[0]);
        if (table == nullptr) {
            continue;
        }
        for (Column& column : table->columns) {
            if (column.name == *row[1]) {
                column.grants.push_back(*row[2] + " TO " + *row[3] +
                                        (row[4] == "YES" ? " WITH GRANT OPTION" : ""));
            }
        }
    }
}

void Reader::read_checks()
{
    Rows rows;
    if (server_.is_mariadb) {
        rows = query("TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE", "CHECK_CONSTRAINTS",
                     "CONSTRAINT_SCHEMA,TABLE_NAME", "TABLE_NAME, CONSTRAINT_NAME");
    } else if (server_.version >= 80016) {
        rows = query("t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE",
                     "CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t "
                     "ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA "
                     "AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK'",
                     "t.TABLE_SCHEMA,t.TABLE_NAME", "t.TABLE_NAME, c.CONSTRAINT_NAME");
    }
    for (const Row& row : rows.rows) {
        if (Table* table = find(row[0])) {
            const std::string clause =
                server_.is_mariadb ? *row[2] : without_escapes(row[2].value_or(""));
            add_check(*table, {.name = *row[1], .expression = "(" + clause + ")"});
        }
    }
}

/// What MariaDB makes of a JSON column is a JSON column again.
void Reader::add_check(Table& table, Check check) const
{
    const auto column =
        std::find_if(table.columns.begin(), table.columns.end(), [&check](const Column& c) {
            return c.name == check.name && c.type.sql == "longtext" && c.charset == "utf8mb4";
        });
    const bool is_json =
        column != table.columns.end() &&
        check.expression == "(json_valid(" + session_.dialect().quote(column->name) + "))";
    if (is_json) {
        column->type = session_.dialect().parse_type("json");
        column->collation.clear();
        column->charset.clear();
        return;
    }
    check.columns = MentionedNames(check.expression, Engine::mysql).columns_of(table);
    table.checks.push_back(std::move(check));
}

void Reader::read_foreign_keys()
{
    add_foreign_keys(query(foreign_key_columns, foreign_key_tables, "k.TABLE_SCHEMA,k.TABLE_NAME",
                           foreign_key_order));
    add_foreign_keys(query(foreign_key_columns, foreign_key_tables,
                           "k.REFERENCED_TABLE_SCHEMA,k.REFERENCED_TABLE_NAME", foreign_key_order));
}

/// Called with the keys of our tables, then with the keys that refer to them: a key of the one
/// list is not added again from the other.
void Reader::add_foreign_keys(const Rows& rows)
{
    FoundKeys found = foreign_keys_in(rows);
    for (auto& [name, keys] : found.outgoing) {
        Table* table = find(name);
        if (table != nullptr && table->foreign_keys.empty()) {
            table->foreign_keys = std::move(keys);
        }
    }
    for (auto& [name, keys] : found.incoming) {
        if (Table* table = find(name)) {
            table->referenced_by = std::move(keys);
        }
    }
}

void Reader::read_triggers()
{
    const Rows rows = query("EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, "
                            "ACTION_STATEMENT",
                            "TRIGGERS", "EVENT_OBJECT_SCHEMA,EVENT_OBJECT_TABLE");
    for (const Row& row : rows.rows) {
        if (Table* table = find(row[0])) {
            table->triggers.push_back({*row[1], *row[2], *row[3], row[4].value_or("")});
        }
    }
}

void Reader::read_views()
{
    // The definition is stored with every name written out, so a table that is read is mentioned.
    const Rows rows = query("TABLE_NAME, VIEW_DEFINITION", "VIEWS", "TABLE_SCHEMA");
    for (const Row& row : rows.rows) {
        const std::string definition = row[1].value_or("");
        const MentionedNames names(definition, Engine::mysql);
        for (auto& [name, table] : tables_) {
            if (name != *row[0] && names.contains(name)) {
                table.views.push_back({{"", *row[0]}, definition, names.columns_of(table)});
            }
        }
    }
}

} // namespace

Catalog read_mysql_catalog(Session& session, const std::vector<TableName>& tables)
{
    Catalog catalog;
    catalog.folds_case = session.query("SELECT @@lower_case_table_names")[0][0] != "0";
    Tables found = tables.empty() ? Reader(session, "").read() : Tables();
    if (tables.empty()) {
        mysql::read_schemas(session, catalog);
    }
    for (const TableName& table : tables) {
        if (table.schema.empty()) {
            found.merge(Reader(session, table.name).read());
        }
    }
    for (auto& table : found) {
        catalog.tables.push_back(std::move(table.second));
    }
    return catalog;
}

} // namespace sluice
