// A version is a schema of views. A view is bound to the columns themselves: whatever contract
// calls them, it shows them by the names that it was made with.

#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/render_parts.h"
#include "sluice/db/version_record.h"

#include <algorithm>

namespace sluice {

namespace {

using Statements = std::vector<std::string>;

TableName view_of(const VersionSchema& version, const ShownTable& shown)
{
    return {version.name, shown.name};
}

std::string kept_name(const PostgresqlDialect& dialect, const VersionSchema& version)
{
    return reserved_name("sluice_kept_", version.name, dialect.longest_name());
}

/// The rights on the table itself are checked for who uses the view, where the server can: so its
/// row-level security holds too. But then whoever reads one column needs a right on each that the
/// view shows: where rights are on single columns, the view's own rights are the ones that count.
bool checks_user(const PostgresqlDialect& dialect, const ShownTable& shown)
{
    const bool has_column_rights =
        std::any_of(shown.columns.begin(), shown.columns.end(),
                    [](const ShownColumn& column) { return !column.grants.empty(); });
    return dialect.capabilities().views_keep_row_security && !has_column_rights;
}

std::string create_view(const PostgresqlDialect& dialect, const VersionSchema& version,
                        const ShownTable& shown)
{
    std::string columns;
    for (const ShownColumn& column : shown.columns) {
        columns += (columns.empty() ? "" : ", ") + dialect.quote(column.held_by);
        columns += column.name == column.held_by ? "" : " AS " + dialect.quote(column.name);
    }
    const char* invoker = checks_user(dialect, shown) ? " WITH (security_invoker = true)" : "";
    return "CREATE VIEW " + dialect.quote(view_of(version, shown)) + invoker + " AS SELECT " +
           columns + " FROM " + dialect.quote(shown.table);
}

std::string alter_default(const PostgresqlDialect& dialect, const VersionSchema& version,
                          const ShownTable& shown, const ShownColumn& column)
{
    return "ALTER VIEW " + dialect.quote(view_of(version, shown)) + " ALTER COLUMN " +
           dialect.quote(column.name) +
           (column.default_sql ? " SET DEFAULT " + *column.default_sql : " DROP DEFAULT");
}

/// Of what aclexplode() gives as right_.
const char* const grantee =
    "CASE WHEN right_.grantee = 0 THEN 'PUBLIC' ELSE "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(right_.grantee)) END, "
    "CASE WHEN right_.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END";

/// Whoever may use the schema may use this one, and whoever has rights on a table has them on its
/// view.
std::string copy_rights(const PostgresqlDialect& dialect, const VersionSchema& version)
{
    const std::string to = dialect.literal(version.name);
    return "DO $sluice$\nDECLARE\nright_ record;\nBEGIN\n"
           "FOR right_ IN SELECT a.grantee, a.is_grantable FROM pg_catalog.pg_namespace n, "
           "pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a "
           "WHERE n.nspname = " +
           dialect.literal(version.of) +
           " AND a.privilege_type = 'USAGE'\nLOOP\n"
           "EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %s%s', " +
           to + ", " + grantee +
           ");\nEND LOOP;\n"
           "FOR right_ IN SELECT DISTINCT v.oid::pg_catalog.regclass AS view_, a.grantee, "
           "a.is_grantable, a.privilege_type FROM pg_catalog.pg_class v "
           "JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid "
           "JOIN pg_catalog.pg_depend d ON d.classid = "
           "'pg_catalog.pg_rewrite'::pg_catalog.regclass "
           "AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass "
           "AND d.refobjid <> v.oid JOIN pg_catalog.pg_class c ON c.oid = d.refobjid "
           "CROSS JOIN pg_catalog.aclexplode(coalesce(c.relacl, "
           "pg_catalog.acldefault('r', c.relowner))) a "
           "WHERE v.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = " +
           to +
           ") AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
           "'REFERENCES', 'TRIGGER') ORDER BY 1, 2, 4\nLOOP\n"
           "EXECUTE pg_catalog.format('GRANT %s ON %s TO %s%s', right_.privilege_type, "
           "right_.view_, " +
           grantee + ");\nEND LOOP;\nEND\n$sluice$";
}

/// "SELECT TO \"reporter\"", of the column that holds it.
Statements column_rights(const PostgresqlDialect& dialect, const VersionSchema& version,
                         const ShownTable& shown)
{
    Statements statements;
    for (const ShownColumn& column : shown.columns) {
        for (const std::string& grant : column.grants) {
            const std::size_t to = grant.find(" TO ");
            statements.push_back("GRANT " + grant.substr(0, to) + " (" +
                                 dialect.quote(column.name) + ") ON " +
                                 dialect.quote(view_of(version, shown)) + grant.substr(to));
        }
    }
    return statements;
}

/// Who looks for a schema that somebody has dropped by hand must not fail at it.
std::string where_there_is(const PostgresqlDialect& dialect, const std::string& schema,
                           const Statements& statements)
{
    std::string text = "DO $sluice$\nBEGIN\nIF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE "
                       "nspname = " +
                       dialect.literal(schema) + ") THEN\n";
    for (const std::string& statement : statements) {
        text += statement + ";\n";
    }
    return text + "END IF;\nEND\n$sluice$";
}

Statements created(const PostgresqlDialect& dialect, const VersionSchema& version)
{
    const std::string schema = dialect.quote(version.name);
    Statements statements{"CREATE SCHEMA " + schema, "COMMENT ON SCHEMA " + schema + " IS " +
                                                         dialect.literal(version_record(version))};
    for (const ShownTable& shown : version.tables) {
        statements.push_back(create_view(dialect, version, shown));
        for (const ShownColumn& column : shown.columns) {
            if (column.default_sql) {
                statements.push_back(alter_default(dialect, version, shown, column));
            }
        }
    }
    statements.push_back(copy_rights(dialect, version));
    for (const ShownTable& shown : version.tables) {
        const Statements rights = column_rights(dialect, version, shown);
        statements.insert(statements.end(), rights.begin(), rights.end());
    }
    return statements;
}

/// The views by their names: what somebody else has put into the schema keeps it from going.
Statements dropped(const PostgresqlDialect& dialect, const VersionSchema& version,
                   const std::string& schema)
{
    Statements statements;
    for (const ShownTable& shown : version.tables) {
        statements.push_back("DROP VIEW IF EXISTS " + dialect.quote(TableName{schema, shown.name}));
    }
    statements.push_back("DROP SCHEMA IF EXISTS " + dialect.quote(schema));
    return statements;
}

Statements renamed(const PostgresqlDialect& dialect, const std::string& from, const std::string& to)
{
    return {where_there_is(
        dialect, from,
        {"ALTER SCHEMA " + dialect.quote(from) + " RENAME TO " + dialect.quote(to)})};
}

/// What the views of `to` must be told so that they are no longer those of `from`.
Statements retold(const PostgresqlDialect& dialect, const VersionSchema& from,
                  const VersionSchema& to)
{
    Statements statements{"COMMENT ON SCHEMA " + dialect.quote(to.name) + " IS " +
                          dialect.literal(version_record(to))};
    for (std::size_t t = 0; t < to.tables.size(); ++t) {
        const ShownTable& shown = to.tables[t];
        for (std::size_t c = 0; c < shown.columns.size(); ++c) {
            if (shown.columns[c].default_sql != from.tables[t].columns[c].default_sql) {
                statements.push_back(alter_default(dialect, to, shown, shown.columns[c]));
            }
        }
    }
    return {where_there_is(dialect, to.name, statements)};
}

} // namespace

Rendered PostgresqlDialect::create_version(const VersionSchema& version) const
{
    return {.summary = "create schema \"" + version.name +
                       "\" of views, chosen with SET search_path = " +
                       quote_list({version.name, version.of}),
            .steps = steps_of(created(*this, version)),
            .undo = steps_of(dropped(*this, version, version.name)),
            .lock = "ACCESS SHARE on the tables, brief: nobody waits",
            .is_main = true};
}

Rendered PostgresqlDialect::put_version_aside(const VersionSchema& version) const
{
    const std::string kept = kept_name(*this, version);
    return {.summary = "put the views of migration \"" + version.version + "\" aside: schema \"" +
                       version.name + "\" is kept until purge as \"" + kept + "\"",
            .steps = steps_of(renamed(*this, version.name, kept)),
            .undo = steps_of(renamed(*this, kept, version.name)),
            .is_main = true};
}

Rendered PostgresqlDialect::drop_kept_version(const VersionSchema& version) const
{
    const std::string kept = kept_name(*this, version);
    return {.summary = "drop schema \"" + kept + "\"",
            .steps = steps_of(dropped(*this, version, kept)),
            .lock = "ACCESS EXCLUSIVE on the views, which nobody uses",
            .is_main = true};
}

std::vector<Rendered> PostgresqlDialect::after_version_swap(const VersionSchema& before,
                                                            const VersionSchema& after) const
{
    if (version_record(before) == version_record(after) && before.tables == after.tables) {
        return {};
    }
    return {
        {.summary = "the views of schema \"" + after.name + "\" leave the defaults to the tables",
         .steps = steps_of(retold(*this, before, after)),
         .undo = steps_of(retold(*this, after, before)),
         .lock = "ACCESS EXCLUSIVE on the views, brief",
         .is_main = true}};
}

} // namespace sluice
