#include "sluice/db/postgresql/table_ddl.h"

namespace sluice::postgresql {

namespace {

/// As the catalog reader gives it: a plain name, or one that is quoted and qualified already.
std::string collation(const PostgresqlDialect& dialect, const std::string& name)
{
    return name.find('"') == std::string::npos ? dialect.quote(name) : name;
}

std::string part_sql(const PostgresqlDialect& dialect, const IndexPart& part)
{
    std::string text =
        part.column.empty() ? "(" + part.expression + ")" : dialect.quote(part.column);
    text += part.collation.empty() ? "" : " COLLATE " + collation(dialect, part.collation);
    text += part.opclass.empty() ? "" : " " + part.opclass;
    text += part.descending ? " DESC" : "";
    return text + (part.nulls.empty() ? "" : " NULLS " + part.nulls);
}

} // namespace

std::string is_index(const PostgresqlDialect& dialect, const TableName& table,
                     const std::string& index)
{
    return "indexrelid = to_regclass(" +
           dialect.literal(dialect.quote(TableName{table.schema, index})) +
           ") AND indrelid = to_regclass(" + dialect.literal(dialect.quote(table)) + ")";
}

std::string create_index(const PostgresqlDialect& dialect, const TableName& table,
                         const Index& index, std::string_view how)
{
    std::string parts;
    for (const IndexPart& part : index.parts) {
        parts += (parts.empty() ? "" : ", ") + part_sql(dialect, part);
    }
    std::string text = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                       std::string(how) + dialect.quote(index.name) + " ON " + dialect.quote(table);
    text += index.method.empty() ? "" : " USING " + index.method;
    text += " (" + parts + ")";
    text += index.included.empty() ? "" : " INCLUDE (" + dialect.quote_list(index.included) + ")";
    text += index.nulls_not_distinct ? " NULLS NOT DISTINCT" : "";
    text += index.options.empty() ? "" : " WITH (" + index.options + ")";
    return text + (index.predicate.empty() ? "" : " WHERE " + index.predicate);
}

std::string column_definition(const PostgresqlDialect& dialect, const Column& column)
{
    std::string text = dialect.quote(column.name) + " " + column.type.sql;
    text += column.collation.empty() ? "" : " COLLATE " + collation(dialect, column.collation);
    text += column.default_sql ? " DEFAULT " + *column.default_sql : "";
    return text + (column.nullable ? "" : " NOT NULL");
}

std::vector<Step> build_index(const PostgresqlDialect& dialect, const TableName& table,
                              const Index& index)
{
    const std::string same = is_index(dialect, table, index.name);
    const std::string name = dialect.quote(TableName{table.schema, index.name});
    std::vector<Step> steps{{"DROP INDEX CONCURRENTLY IF EXISTS " + name,
                             "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE " +
                                 same + " AND NOT indisvalid)",
                             false},
                            {create_index(dialect, table, index, "CONCURRENTLY "),
                             "SELECT 1 FROM pg_catalog.pg_index WHERE " + same + " AND indisvalid",
                             false}};
    if (!index.comment.empty() && !index.is_constraint) {
        steps.push_back(
            {"COMMENT ON INDEX " + name + " IS " + dialect.literal(index.comment), "", true});
    }
    return steps;
}

std::vector<std::string> column_attributes(const PostgresqlDialect& dialect, const TableName& table,
                                           const Column& column)
{
    const std::string name = dialect.quote(column.name);
    std::vector<std::string> statements;
    if (!column.comment.empty()) {
        statements.push_back("COMMENT ON COLUMN " + dialect.quote(table) + "." + name + " IS " +
                             dialect.literal(column.comment));
    }
    for (const std::string& setting : column.settings) {
        statements.push_back("ALTER TABLE " + dialect.quote(table) + " ALTER COLUMN " + name + " " +
                             setting);
    }
    for (const std::string& grant : column.grants) {
        const std::size_t to = grant.find(" TO ");
        statements.push_back("GRANT " + grant.substr(0, to) + " (" + name + ") ON " +
                             dialect.quote(table) + grant.substr(to));
    }
    return statements;
}

std::vector<Step> remove_index(const PostgresqlDialect& dialect, const TableName& table,
                               const std::string& index)
{
    return {{"DROP INDEX CONCURRENTLY IF EXISTS " + dialect.quote(TableName{table.schema, index}),
             "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE " +
                 is_index(dialect, table, index) + ")",
             true}};
}

std::string require(const PostgresqlDialect& dialect, const Table& table,
                    const std::string& condition, const std::string& message)
{
    const std::string key =
        table.primary_key.empty() ? "ctid" : "ROW(" + dialect.quote_list(table.primary_key) + ")";
    return "DO $sluice$\nDECLARE\nkeys text;\nBEGIN\nSELECT pg_catalog.string_agg(k, ', ') INTO "
           "keys FROM (SELECT " +
           key + "::text AS k FROM " + dialect.quote(table.name) + " WHERE NOT (" + condition +
           ") LIMIT 5) AS found;\nIF keys IS NOT NULL THEN\nRAISE EXCEPTION USING ERRCODE = "
           "'not_null_violation', MESSAGE = " +
           dialect.literal(message) + " || keys;\nEND IF;\nEND\n$sluice$";
}

std::string require_no_null(const PostgresqlDialect& dialect, const Table& table,
                            const std::string& column)
{
    return require(dialect, table, dialect.quote(column) + " IS NOT NULL",
                   "column \"" + column + "\" of table \"" + display(table.name) +
                       "\" is NULL in rows that cannot be NULL again, first keys: ");
}

std::string drop_constraint_if_there(const PostgresqlDialect& dialect, const TableName& table,
                                     const std::string& constraint)
{
    const std::string name = dialect.quote(table);
    return "DO $sluice$\nBEGIN\nIF EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = "
           "to_regclass(" +
           dialect.literal(name) + ") AND conname = " + dialect.literal(constraint) +
           ") THEN\nALTER TABLE " + name + " DROP CONSTRAINT " + dialect.quote(constraint) +
           ";\nEND IF;\nEND\n$sluice$";
}

std::string constraint_comment(const PostgresqlDialect& dialect, const TableName& table,
                               const std::string& constraint, const std::string& comment)
{
    return "COMMENT ON CONSTRAINT " + dialect.quote(constraint) + " ON " + dialect.quote(table) +
           " IS " + dialect.literal(comment);
}

} // namespace sluice::postgresql
