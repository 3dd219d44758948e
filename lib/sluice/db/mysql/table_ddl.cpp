#include "sluice/db/mysql/table_ddl.h"

#include "sluice/core/error.h"
#include "sluice/db/render_parts.h"
#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice::mysql {

namespace {

/// FROM and WHERE of a query on one table in an information_schema table.
std::string of_table(const MysqlDialect& dialect, const char* source, const TableName& table)
{
    const std::string schema = table.schema.empty() ? "DATABASE()" : dialect.literal(table.schema);
    return std::string(" FROM information_schema.") + source + " WHERE table_schema = " + schema +
           " AND table_name = " + dialect.literal(table.name);
}

std::string count(const MysqlDialect& dialect, const char* source, const TableName& table,
                  const std::string& condition)
{
    const char* what = std::string_view(source) == "statistics" ? "DISTINCT index_name" : "*";
    return std::string("(SELECT COUNT(") + what + ")" + of_table(dialect, source, table) + " AND " +
           condition + ")";
}

std::string is(const MysqlDialect& dialect, const char* column, const std::string& name)
{
    return std::string(column) + " = " + dialect.literal(name);
}

std::string among(const MysqlDialect& dialect, const char* column,
                  const std::vector<std::string>& names)
{
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + dialect.literal(name);
    }
    return std::string(column) + " IN (" + list + ")";
}

/// The new names are there, and those old ones that are nobody's new name are gone.
std::string renamed(const MysqlDialect& dialect, const TableName& table, const char* source,
                    const char* column, const Renames& renames)
{
    std::vector<std::string> there;
    std::vector<std::string> gone;
    for (const auto& [from, to] : renames) {
        there.push_back(to);
    }
    for (const auto& [from, to] : renames) {
        if (std::find(there.begin(), there.end(), from) == there.end()) {
            gone.push_back(from);
        }
    }
    std::string test = count(dialect, source, table, among(dialect, column, there)) + " = " +
                       std::to_string(there.size());
    if (!gone.empty()) {
        test += " AND " + count(dialect, source, table, among(dialect, column, gone)) + " = 0";
    }
    return test;
}

bool is_current_timestamp(const std::string& value)
{
    const std::vector<Token> tokens = tokenize(value, Engine::mysql);
    return !tokens.empty() && (tokens[0].is("CURRENT_TIMESTAMP") || tokens[0].is("NOW"));
}

std::string part_sql(const MysqlDialect& dialect, const IndexPart& part)
{
    std::string text =
        part.column.empty() ? "(" + part.expression + ")" : dialect.quote(part.column);
    text += part.prefix > 0 ? "(" + std::to_string(part.prefix) + ")" : "";
    return text + (part.descending ? " DESC" : "");
}

} // namespace

std::string default_value(const MysqlDialect& dialect, const std::string& value)
{
    const bool is_bare = dialect.is_constant(value) || (!value.empty() && value.front() == '(');
    return is_bare ? value : "(" + value + ")";
}

std::string column_definition(const MysqlDialect& dialect, const Column& column)
{
    std::string text = dialect.quote(column.name) + " " + column.type.sql;
    text += column.charset.empty() ? "" : " CHARACTER SET " + column.charset;
    text += column.collation.empty() ? "" : " COLLATE " + column.collation;
    text += column.nullable ? " NULL" : " NOT NULL";
    if (column.default_sql) {
        text += " DEFAULT " + (is_current_timestamp(*column.default_sql)
                                   ? *column.default_sql
                                   : default_value(dialect, *column.default_sql));
    }
    if (column.on_update_now) {
        const int digits = column.type.precision.value_or(0);
        text += " ON UPDATE CURRENT_TIMESTAMP";
        text += digits > 0 ? "(" + std::to_string(digits) + ")" : "";
    }
    text += column.is_identity ? " AUTO_INCREMENT" : "";
    return text + (column.comment.empty() ? "" : " COMMENT " + dialect.literal(column.comment));
}

namespace {

void refuse_unknown_parts(const MysqlDialect& dialect, const Index& index)
{
    const std::string engine = dialect.server().is_mariadb ? "MariaDB" : "MySQL";
    if (!index.predicate.empty()) {
        refuse_index(index, "has a WHERE", engine,
                     "Index all rows, or a generated column that is NULL for the others.");
    }
    if (!index.included.empty()) {
        refuse_index(index, "has columns in INCLUDE", engine,
                     "Name them last in `columns`, where it is not unique.");
    }
    if (index.nulls_not_distinct) {
        refuse_index(index, "has NULLS NOT DISTINCT", engine,
                     "Make the columns NOT NULL, or leave that out.");
    }
    for (const IndexPart& part : index.parts) {
        if (!part.expression.empty() && dialect.server().is_mariadb) {
            refuse_index(index, "is over an expression", engine,
                         "Add a generated column with the expression, and index that.");
        }
        if (!part.collation.empty() || !part.opclass.empty() || !part.nulls.empty()) {
            refuse_index(index, "has a collation, an operator class or NULLS FIRST or LAST", engine,
                         "Leave that out here: give `columns` by engine.");
        }
    }
}

} // namespace

std::string create_index(const MysqlDialect& dialect, const TableName& table, const Index& index)
{
    refuse_unknown_parts(dialect, index);
    std::string method = index.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (method == "fulltext" || method == "spatial") {
        throw Error(ErrorKind::refused,
                    "index \"" + index.name + "\" is a " + method +
                        " index, which cannot be built while the table is written",
                    {.hint =
                         "Drop the index and create it again in phases of your own: `sluice new "
                         "sql`."});
    }
    std::string parts;
    for (const IndexPart& part : index.parts) {
        parts += (parts.empty() ? "" : ", ") + part_sql(dialect, part);
    }
    return std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
           dialect.quote(index.name) + " ON " + dialect.quote(table) + " (" + parts + ")" +
           (index.comment.empty() ? "" : " COMMENT " + dialect.literal(index.comment)) +
           (index.options.empty() ? "" : " " + index.options) + " ALGORITHM=INPLACE LOCK=NONE";
}

std::vector<Step> grant_steps(const MysqlDialect& dialect, const TableName& table,
                              const Column& column)
{
    std::vector<Step> steps;
    for (const std::string& grant : column.grants) {
        const std::size_t to = grant.find(" TO ");
        steps.push_back({"GRANT " + grant.substr(0, to) + " (" + dialect.quote(column.name) +
                             ") ON " + dialect.quote(table) + grant.substr(to),
                         "", true});
    }
    return steps;
}

std::vector<Step> revoke_steps(const MysqlDialect& dialect, const TableName& table,
                               const Column& column)
{
    std::vector<Step> steps;
    for (const std::string& grant : column.grants) {
        const std::size_t to = grant.find(" TO ");
        const std::string grantee = grant.substr(to + 4, grant.find(" WITH ", to) - to - 4);
        steps.push_back({"REVOKE " + grant.substr(0, to) + " (" + dialect.quote(column.name) +
                             ") ON " + dialect.quote(table) + " FROM " + grantee,
                         "SELECT " +
                             count(dialect, "column_privileges", table,
                                   is(dialect, "column_name", column.name) + " AND " +
                                       is(dialect, "privilege_type", grant.substr(0, to)) +
                                       " AND " + is(dialect, "grantee", grantee)) +
                             " = 0",
                         false});
    }
    return steps;
}

std::string is_table(const MysqlDialect& dialect, const TableName& table)
{
    return "SELECT " + count(dialect, "tables", table, "table_type = 'BASE TABLE'") + " = 1";
}

std::string has_column(const MysqlDialect& dialect, const TableName& table,
                       const std::string& column)
{
    return "SELECT " + count(dialect, "columns", table, is(dialect, "column_name", column)) +
           " = 1";
}

std::string lacks_column(const MysqlDialect& dialect, const TableName& table,
                         const std::string& column)
{
    return "SELECT " + count(dialect, "columns", table, is(dialect, "column_name", column)) +
           " = 0";
}

std::string has_index(const MysqlDialect& dialect, const TableName& table, const std::string& index)
{
    return "SELECT " + count(dialect, "statistics", table, is(dialect, "index_name", index)) +
           " = 1";
}

std::string lacks_index(const MysqlDialect& dialect, const TableName& table,
                        const std::string& index)
{
    return "SELECT " + count(dialect, "statistics", table, is(dialect, "index_name", index)) +
           " = 0";
}

std::string has_constraint(const MysqlDialect& dialect, const TableName& table,
                           const std::string& constraint)
{
    return "SELECT " +
           count(dialect, "table_constraints", table, is(dialect, "constraint_name", constraint)) +
           " = 1";
}

std::string lacks_constraint(const MysqlDialect& dialect, const TableName& table,
                             const std::string& constraint)
{
    return "SELECT " +
           count(dialect, "table_constraints", table, is(dialect, "constraint_name", constraint)) +
           " = 0";
}

std::string have_nullability(const MysqlDialect& dialect, const TableName& table,
                             const std::vector<Column>& columns)
{
    std::string any;
    for (const Column& column : columns) {
        any += (any.empty() ? "(" : " OR (") + is(dialect, "column_name", column.name) +
               " AND is_nullable = " + (column.nullable ? "'YES'" : "'NO'") + ")";
    }
    return "SELECT " + count(dialect, "columns", table, "(" + any + ")") + " = " +
           std::to_string(columns.size());
}

std::string require(const MysqlDialect& dialect, const Table& table, const std::string& condition,
                    const std::string& message)
{
    std::string key;
    for (const std::string& each : table.primary_key) {
        key += (key.empty() ? "" : ", ") + dialect.key_text(*table.find(each), {});
    }
    return "BEGIN NOT ATOMIC\nDECLARE found, message TEXT CHARACTER SET utf8mb4;\n"
           "SELECT GROUP_CONCAT(k SEPARATOR ', ') INTO found FROM (SELECT CONCAT('(', " +
           (key.empty() ? "'unknown'" : "CONCAT_WS(', ', " + key + ")") + ", ')') AS k FROM " +
           dialect.quote(table.name) + " WHERE NOT (" + condition +
           ") LIMIT 5) AS r;\nIF found IS NOT NULL THEN\nSET message = LEFT(CONCAT(" +
           dialect.literal(message) +
           ", found), 500);\nSIGNAL SQLSTATE '23000' SET MESSAGE_TEXT = message, MYSQL_ERRNO = "
           "1048;\nEND IF;\nEND";
}

std::string require_no_null(const MysqlDialect& dialect, const Table& table,
                            const std::string& column)
{
    return require(dialect, table, dialect.quote(column) + " IS NOT NULL",
                   "column \"" + column + "\" of table \"" + display(table.name) +
                       "\" is NULL in rows that cannot be NULL, first keys: ");
}

std::string are_renamed(const MysqlDialect& dialect, const TableName& table, const Renames& columns,
                        const Renames& indexes)
{
    std::string test;
    if (!columns.empty()) {
        test = renamed(dialect, table, "columns", "column_name", columns);
    }
    if (!indexes.empty()) {
        test += (test.empty() ? "" : " AND ") +
                renamed(dialect, table, "statistics", "index_name", indexes);
    }
    return "SELECT " + test;
}

} // namespace sluice::mysql
