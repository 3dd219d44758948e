#include "sluice/db/mysql/catalog_versions.h"

#include "sluice/core/error.h"
#include "sluice/db/dialect.h"
#include "sluice/db/session.h"
#include "sluice/db/version_record.h"

#include <optional>

namespace sluice::mysql {

namespace {

/// As the name of a version begins, which may have been cut.
std::string beginning_of(const std::string& schema)
{
    constexpr std::size_t uncut = 20;
    return schema.size() > uncut ? schema.substr(0, uncut) : schema + "_";
}

/// nullopt: it is none, or has just gone.
std::optional<VersionSchema> version_in(Session& session, const std::string& schema)
{
    const Dialect& dialect = session.dialect();
    const Rows marker = session.query("SELECT 1 FROM information_schema.TABLES WHERE "
                                      "TABLE_SCHEMA = " +
                                      dialect.literal(schema) +
                                      " AND TABLE_NAME = " + dialect.literal(version_marker));
    if (marker.empty()) {
        return std::nullopt;
    }
    try {
        const Rows record = session.query("SELECT " + dialect.quote("record") + " FROM " +
                                          dialect.quote(TableName{schema, version_marker}));
        return record.empty() ? std::nullopt
                              : read_version_record(schema, record[0][0].value_or(""));
    } catch (const Error& error) {
        if (error.details.cause == Cause::unknown_object) {
            return std::nullopt;
        }
        throw;
    }
}

void read_views(Session& session, VersionSchema& version)
{
    const Rows rows = session.query("SELECT TABLE_NAME, VIEW_DEFINITION FROM "
                                    "information_schema.VIEWS WHERE TABLE_SCHEMA = " +
                                    session.dialect().literal(version.name));
    for (const Row& row : rows.rows) {
        const std::string definition = row[1].value_or("");
        if (*row[0] != version_marker) {
            add_shown(version, *row[0], {"", shown_table(definition, Engine::mysql)},
                      shown_columns(definition, Engine::mysql));
        }
    }
}

/// Only of use to who may give them to others.
void read_rights(Session& session, Catalog& catalog)
{
    const std::string granted =
        " AND PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'SHOW VIEW') AND EXISTS "
        "(SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE IS_GRANTABLE = 'YES' AND GRANTEE "
        "= CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), ''''))";
    const Rows rows =
        session.query("SELECT '' AS name, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE FROM "
                      "information_schema.SCHEMA_PRIVILEGES WHERE TABLE_SCHEMA IN (DATABASE(), "
                      "REPLACE(DATABASE(), '_', '\\\\_'))" +
                      granted +
                      " UNION ALL SELECT TABLE_NAME, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE FROM "
                      "information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()" +
                      granted + " ORDER BY 1, 3, 2");
    for (const Row& row : rows.rows) {
        catalog.rights.push_back(
            {*row[0], *row[1] + " TO " + *row[2] + (row[3] == "YES" ? " WITH GRANT OPTION" : "")});
    }
}

} // namespace

void read_schemas(Session& session, Catalog& catalog)
{
    catalog.own_schema = session.query("SELECT DATABASE()")[0][0].value_or("");
    const std::string beginning = session.dialect().literal(beginning_of(catalog.own_schema));
    const Rows rows = session.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE "
                                    "LEFT(SCHEMA_NAME, CHAR_LENGTH(" +
                                    beginning + ")) = " + beginning + " ORDER BY 1");
    for (const Row& row : rows.rows) {
        catalog.schemas.push_back(*row[0]);
        auto version = version_in(session, *row[0]);
        if (version && version->of == catalog.own_schema) {
            read_views(session, *version);
            catalog.versions.push_back(std::move(*version));
        }
    }
    finish_versions(catalog.versions);
    read_rights(session, catalog);
}

} // namespace sluice::mysql
