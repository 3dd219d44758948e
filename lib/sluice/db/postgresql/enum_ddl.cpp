#include "sluice/db/postgresql/enum_ddl.h"

namespace sluice::postgresql {

namespace {

/// Everybody may use a new type; the old one may say otherwise.
std::string copy_rights(const PostgresqlDialect& dialect, const TableName& from,
                        const TableName& to)
{
    const std::string source = dialect.literal(dialect.quote(from)) + "::pg_catalog.regtype";
    const std::string target = dialect.literal(dialect.quote(to));
    return "DO $sluice$\nDECLARE\nowner name;\nright_ record;\nBEGIN\nSELECT "
           "pg_catalog.pg_get_userbyid(typowner) INTO owner FROM pg_catalog.pg_type WHERE oid = " +
           source +
           ";\nIF owner <> current_user THEN\nEXECUTE pg_catalog.format('ALTER TYPE %s OWNER TO "
           "%I', " +
           target +
           ", owner);\nEND IF;\nIF (SELECT typacl IS NOT NULL FROM pg_catalog.pg_type WHERE oid "
           "= " +
           source + ") THEN\nEXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', " +
           target +
           ");\nEND IF;\nFOR right_ IN SELECT a.* FROM pg_catalog.pg_type t, "
           "pg_catalog.aclexplode(t.typacl) a WHERE t.oid = " +
           source +
           " AND a.grantee <> t.typowner\nLOOP\nEXECUTE pg_catalog.format('GRANT %s ON TYPE %s TO "
           "%s%s', right_.privilege_type, " +
           target +
           ", CASE WHEN right_.grantee = 0 THEN 'PUBLIC' ELSE "
           "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(right_.grantee)) END, CASE WHEN "
           "right_.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);\nEND LOOP;\nEND\n$sluice$";
}

} // namespace

std::vector<std::string> create_enum(const PostgresqlDialect& dialect, const EnumType& type,
                                     const TableName& rights_of)
{
    std::string values;
    for (const std::string& value : type.values) {
        values += (values.empty() ? "" : ", ") + dialect.literal(value);
    }
    const std::string name = dialect.quote(type.name);
    std::vector<std::string> statements{"CREATE TYPE " + name + " AS ENUM (" + values + ")"};
    if (!type.comment.empty()) {
        statements.push_back("COMMENT ON TYPE " + name + " IS " + dialect.literal(type.comment));
    }
    statements.push_back(copy_rights(dialect, rights_of, type.name));
    return statements;
}

std::vector<std::string> drop_enum(const PostgresqlDialect& dialect, const EnumType& type)
{
    return {"DROP TYPE IF EXISTS " + dialect.quote(type.name)};
}

std::vector<std::string> rename_enum(const PostgresqlDialect& dialect, const EnumType& from,
                                     const EnumType& to)
{
    return {"ALTER TYPE " + dialect.quote(from.name) + " RENAME TO " + dialect.quote(to.name.name)};
}

} // namespace sluice::postgresql
