#include "sluice/db/postgresql/catalog_enums.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sluice::postgresql {

namespace {

std::vector<std::string> texts_in(const Value& json)
{
    return json ? nlohmann::json::parse(*json).get<std::vector<std::string>>()
                : std::vector<std::string>{};
}

/// What depends on the type `t` or on arrays of it, but for columns of tables and the defaults of
/// columns that have it: as a JSON list.
const char* const users =
    "(SELECT json_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)) "
    "FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_type'::regclass "
    "AND d.refobjid IN (t.oid, t.typarray) AND d.deptype IN ('n', 'a') "
    "AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.objid "
    "AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0 "
    "AND c.relkind IN ('r', 'p')) "
    "AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef ad JOIN pg_catalog.pg_attribute a "
    "ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum WHERE ad.oid = d.objid "
    "AND d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.atttypid = t.oid))";

const char* const grants =
    "(SELECT json_agg(x.privilege_type || ' TO ' || CASE x.grantee WHEN 0 THEN 'PUBLIC' "
    "ELSE quote_ident(pg_get_userbyid(x.grantee)) END || CASE WHEN x.is_grantable "
    "THEN ' WITH GRANT OPTION' ELSE '' END ORDER BY 1) "
    "FROM aclexplode(t.typacl) x WHERE x.grantee <> t.typowner)";

} // namespace

std::vector<EnumType> read_enums(Session& session)
{
    const Rows rows = session.query(
        std::string("SELECT n.nspname, t.typname, format_type(t.oid, NULL), "
                    "(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) "
                    "FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), "
                    "obj_description(t.oid, 'pg_type'), ") +
        grants + ", " + users +
        " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
        "WHERE t.typtype = 'e' AND n.nspname NOT LIKE 'pg\\_%' "
        "AND n.nspname NOT IN ('information_schema', 'sluice') ORDER BY 1, 2");
    std::vector<EnumType> found;
    for (const Row& row : rows.rows) {
        found.push_back({.name = {*row[0], *row[1]},
                         .sql = *row[2],
                         .values = texts_in(row[3]),
                         .comment = row[4].value_or(""),
                         .grants = texts_in(row[5]),
                         .users = texts_in(row[6])});
    }
    return found;
}

} // namespace sluice::postgresql
