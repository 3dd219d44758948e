// A version is a database of views. A view goes by names: where contract gives a column that it
// reads another one, it is made anew. No view can be made while tables are locked, so that this
// comes after the swap, and on the way back after the swap's undo.

#include "sluice/db/mysql/catalog_versions.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/render_parts.h"
#include "sluice/db/version_record.h"

#include <utility>

namespace sluice {

namespace {

using Steps = std::vector<Step>;
using mysql::version_marker;

TableName view_of(const VersionSchema& version, const std::string& view)
{
    return {version.name, view};
}

std::string create_view(const MysqlDialect& dialect, const VersionSchema& version,
                        const ShownTable& shown)
{
    std::string columns;
    for (const ShownColumn& column : shown.columns) {
        columns += (columns.empty() ? "" : ", ") + dialect.quote(column.held_by);
        columns += column.name == column.held_by ? "" : " AS " + dialect.quote(column.name);
    }
    return "CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW " +
           dialect.quote(view_of(version, shown.name)) + " AS SELECT " + columns + " FROM " +
           dialect.quote(TableName{version.of, shown.table.name});
}

std::string create_marker(const MysqlDialect& dialect, const VersionSchema& version)
{
    return "CREATE OR REPLACE SQL SECURITY INVOKER VIEW " +
           dialect.quote(view_of(version, version_marker)) + " AS SELECT " +
           dialect.literal(version_record(version)) + " AS " + dialect.quote("record");
}

std::string of_schema(const MysqlDialect& dialect, const char* source, const VersionSchema& version)
{
    return std::string("SELECT 1 FROM information_schema.") + source +
           " WHERE TABLE_SCHEMA = " + dialect.literal(version.name);
}

std::string lacks_view(const MysqlDialect& dialect, const VersionSchema& version,
                       const std::string& view)
{
    return "SELECT NOT EXISTS (" + of_schema(dialect, "TABLES", version) +
           " AND TABLE_NAME = " + dialect.literal(view) + ")";
}

struct Grant {
    std::string what;    ///< "SELECT"
    std::string to;      ///< "'app'@'%'"
    std::string options; ///< " WITH GRANT OPTION"
};

Grant grant_in(const std::string& text)
{
    const std::size_t to = text.find(" TO ");
    const std::size_t with = text.find(" WITH ", to);
    return {text.substr(0, to), text.substr(to + 4, with - to - 4),
            with == std::string::npos ? "" : text.substr(with)};
}

/// Rights go by name, and stay when what has the name goes.
struct Rights {
    Steps granted;
    Steps revoked;
};

struct Place {
    std::string object;  ///< "`shop_2`.`users`"
    std::string columns; ///< " (`name`)", or nothing
    const char* source;  ///< of information_schema
    std::string condition;
};

void add(Rights& rights, const std::vector<std::string>& grants, const Place& place,
         const MysqlDialect& dialect, const VersionSchema& version)
{
    for (const std::string& text : grants) {
        const Grant grant = grant_in(text);
        rights.granted.push_back({"GRANT " + grant.what + place.columns + " ON " + place.object +
                                      " TO " + grant.to + grant.options,
                                  "", true});
        rights.revoked.push_back(
            {"REVOKE " + grant.what + place.columns + " ON " + place.object + " FROM " + grant.to,
             "SELECT NOT EXISTS (" + of_schema(dialect, place.source, version) + place.condition +
                 " AND GRANTEE = " + dialect.literal(grant.to) +
                 " AND PRIVILEGE_TYPE = " + dialect.literal(grant.what) + ")",
             false});
    }
}

Rights rights_on(const MysqlDialect& dialect, const VersionSchema& version)
{
    Rights rights;
    add(rights, version.grants, {dialect.quote(version.name) + ".*", "", "SCHEMA_PRIVILEGES", ""},
        dialect, version);
    for (const ShownTable& shown : version.tables) {
        const std::string view = dialect.quote(view_of(version, shown.name));
        const std::string of_view = " AND TABLE_NAME = " + dialect.literal(shown.name);
        add(rights, shown.grants, {view, "", "TABLE_PRIVILEGES", of_view}, dialect, version);
        for (const ShownColumn& column : shown.columns) {
            add(rights, column.grants,
                {view, " (" + dialect.quote(column.name) + ")", "COLUMN_PRIVILEGES",
                 of_view + " AND COLUMN_NAME = " + dialect.literal(column.name)},
                dialect, version);
        }
    }
    return rights;
}

Rendered made(std::string summary)
{
    Rendered rendered;
    rendered.summary = std::move(summary);
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.is_main = true;
    return rendered;
}

std::string kept_name(const MysqlDialect& dialect, const std::string& view)
{
    return reserved_name("sluice_kept_", view, dialect.longest_name());
}

/// The database stays where somebody else has put something into it.
Step drop_schema(const MysqlDialect& dialect, const VersionSchema& version)
{
    return {"DROP DATABASE " + dialect.quote(version.name),
            "SELECT EXISTS (" + of_schema(dialect, "TABLES", version) +
                ") OR NOT EXISTS (SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = " +
                dialect.literal(version.name) + ")",
            false};
}

Step drop_view(const MysqlDialect& dialect, const VersionSchema& version, const std::string& view)
{
    return {"DROP VIEW IF EXISTS " + dialect.quote(view_of(version, view)), "", true};
}

Steps created(const MysqlDialect& dialect, const VersionSchema& version)
{
    Steps steps = repeatable_steps({"CREATE DATABASE IF NOT EXISTS " + dialect.quote(version.name),
                                    create_marker(dialect, version)});
    for (const ShownTable& shown : version.tables) {
        steps.push_back({create_view(dialect, version, shown), "", true});
    }
    return steps;
}

/// The marker goes last: until then it is known whose database this is.
Steps dropped(const MysqlDialect& dialect, const VersionSchema& version)
{
    Steps steps;
    for (const ShownTable& shown : version.tables) {
        steps.push_back(drop_view(dialect, version, shown.name));
    }
    steps.push_back(drop_view(dialect, version, version_marker));
    steps.push_back(drop_schema(dialect, version));
    return steps;
}

std::vector<std::string> all_views(const VersionSchema& version)
{
    std::vector<std::string> views{version_marker};
    for (const ShownTable& shown : version.tables) {
        views.push_back(shown.name);
    }
    return views;
}

/// Those that show a column that is held otherwise, unless the version was put aside meanwhile.
Steps retold(const MysqlDialect& dialect, const VersionSchema& from, const VersionSchema& to)
{
    const std::string done = lacks_view(dialect, to, version_marker);
    Steps steps;
    for (std::size_t t = 0; t < to.tables.size(); ++t) {
        const std::string sql = create_view(dialect, to, to.tables[t]);
        if (sql != create_view(dialect, from, from.tables[t])) {
            steps.push_back({sql, done, true});
        }
    }
    if (version_record(from) != version_record(to)) {
        steps.push_back({create_marker(dialect, to), done, true});
    }
    return steps;
}

} // namespace

Rendered MysqlDialect::create_version(const VersionSchema& version) const
{
    const Rights rights = rights_on(*this, version);
    Rendered rendered = made("create database \"" + version.name + "\" of views, chosen with USE " +
                             quote(version.name));
    rendered.steps = created(*this, version);
    rendered.steps.insert(rendered.steps.end(), rights.granted.begin(), rights.granted.end());
    rendered.undo = rights.revoked;
    const Steps gone = dropped(*this, version);
    rendered.undo.insert(rendered.undo.end(), gone.begin(), gone.end());
    rendered.lock = "metadata lock on the tables, shared and brief: nobody waits";
    return rendered;
}

Rendered MysqlDialect::put_version_aside(const VersionSchema& version) const
{
    std::string there;
    std::string back;
    for (const std::string& view : all_views(version)) {
        const std::string name = quote(view_of(version, view));
        const std::string kept = quote(view_of(version, kept_name(*this, view)));
        there += (there.empty() ? "RENAME TABLE " : ", ") + name + " TO " + kept;
        back += (back.empty() ? "RENAME TABLE " : ", ") + kept + " TO " + name;
    }
    Rendered rendered =
        made("put the views of migration \"" + version.version + "\" aside: in database \"" +
             version.name + "\" they are kept until purge as \"sluice_kept_…\"");
    rendered.steps = {{there, lacks_view(*this, version, version_marker), false}};
    rendered.undo = {{back, lacks_view(*this, version, kept_name(*this, version_marker)), false}};
    return rendered;
}

Rendered MysqlDialect::drop_kept_version(const VersionSchema& version) const
{
    Rendered rendered = made("drop database \"" + version.name + "\"");
    for (const std::string& view : all_views(version)) {
        rendered.steps.push_back(drop_view(*this, version, kept_name(*this, view)));
    }
    rendered.steps.push_back(drop_schema(*this, version));
    return rendered;
}

std::vector<Rendered> MysqlDialect::before_version_swap(const VersionSchema& before,
                                                        const VersionSchema& after) const
{
    Rendered rendered =
        made("the views of database \"" + before.name + "\" follow the columns back");
    rendered.undo = retold(*this, after, before);
    rendered.is_main = false;
    return rendered.undo.empty() ? std::vector<Rendered>()
                                 : std::vector<Rendered>{for_way_back(std::move(rendered))};
}

std::vector<Rendered> MysqlDialect::after_version_swap(const VersionSchema& before,
                                                       const VersionSchema& after) const
{
    Rendered rendered = made("the views of database \"" + after.name +
                             "\" follow the columns that have other names now");
    rendered.reason = "until then statements through them fail, and are to be tried again";
    rendered.lock = "metadata lock on the views, brief";
    rendered.steps = retold(*this, before, after);
    return rendered.steps.empty() ? std::vector<Rendered>() : std::vector<Rendered>{rendered};
}

} // namespace sluice
