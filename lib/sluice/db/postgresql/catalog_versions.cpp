#include "sluice/db/postgresql/catalog_versions.h"

#include "sluice/db/dialect.h"
#include "sluice/db/session.h"
#include "sluice/db/version_record.h"

#include <algorithm>

namespace sluice::postgresql {

const char* const version_schemas =
    "SELECT d.objoid FROM pg_catalog.pg_description d WHERE d.classoid = "
    "'pg_catalog.pg_namespace'::regclass AND d.description LIKE 'sluice version %'";

namespace {

void read_views(Session& session, std::vector<VersionSchema>& versions)
{
    const Rows rows = session.query(
        "SELECT DISTINCT n.nspname, v.relname, tn.nspname, t.relname, pg_get_viewdef(v.oid) "
        "FROM pg_catalog.pg_class v JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace "
        "JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid "
        "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass "
        "AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass "
        "AND d.refobjid <> v.oid JOIN pg_catalog.pg_class t ON t.oid = d.refobjid "
        "JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace "
        "WHERE v.relkind = 'v' AND n.oid = ANY (ARRAY(" +
        std::string(version_schemas) + "))");
    for (const Row& row : rows.rows) {
        const auto version =
            std::find_if(versions.begin(), versions.end(),
                         [&row](const VersionSchema& each) { return each.name == *row[0]; });
        if (version != versions.end()) {
            add_shown(*version, *row[1], {*row[2], *row[3]},
                      shown_columns(*row[4], Engine::postgresql));
        }
    }
}

void set_default(VersionSchema& version, const Row& row)
{
    for (ShownTable& shown : version.tables) {
        for (ShownColumn& column : shown.columns) {
            if (version.name == *row[0] && shown.name == *row[1] && column.name == *row[2]) {
                column.default_sql = row[3];
            }
        }
    }
}

/// Which an INSERT that leaves the column out gives it, whatever the table's own is.
void read_defaults(Session& session, std::vector<VersionSchema>& versions)
{
    const Rows rows = session.query(
        "SELECT n.nspname, v.relname, a.attname, pg_get_expr(ad.adbin, ad.adrelid) "
        "FROM pg_catalog.pg_class v JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace "
        "JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = v.oid "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum = ad.adnum "
        "WHERE v.relkind = 'v' AND n.oid = ANY (ARRAY(" +
        std::string(version_schemas) + "))");
    for (const Row& row : rows.rows) {
        for (VersionSchema& version : versions) {
            set_default(version, row);
        }
    }
}

} // namespace

void read_schemas(Session& session, Catalog& catalog)
{
    const Rows rows = session.query("SELECT n.nspname, obj_description(n.oid, 'pg_namespace') "
                                    "FROM pg_catalog.pg_namespace n WHERE n.nspname NOT LIKE "
                                    "'pg\\_%' ORDER BY 1");
    for (const Row& row : rows.rows) {
        catalog.schemas.push_back(*row[0]);
        auto version = read_version_record(*row[0], row[1].value_or(""));
        if (version && row[0]->rfind("sluice_kept_", 0) != 0) {
            catalog.versions.push_back(std::move(*version));
        }
    }
    if (!catalog.versions.empty()) {
        read_views(session, catalog.versions);
        read_defaults(session, catalog.versions);
        finish_versions(catalog.versions);
    }
}

} // namespace sluice::postgresql
