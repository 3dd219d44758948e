#include "sluice/db/postgresql/sync.h"

#include "sluice/db/postgresql/trigger.h"
#include "sluice/db/sync_body.h"
#include "sluice/db/sync_sql.h"

#include <algorithm>

namespace sluice {

namespace {

class PlPgsql final : public Procedural {
public:
    [[nodiscard]] std::string else_if() const override { return "ELSIF"; }

    [[nodiscard]] std::string assign(const std::string& target,
                                     const std::string& value) const override
    {
        return target + " := " + value + ";\n";
    }

    [[nodiscard]] std::string compute(const std::string& target,
                                      const Computed& value) const override
    {
        const std::string set = assign(target, value.sql);
        return value.is_total ? set
                              : "BEGIN\n" + set + "EXCEPTION WHEN others THEN\n" + target +
                                    " := NULL;\nEND;\n";
    }
};

std::string trigger_name(const Sync& sync)
{
    return "zzz_sluice_" + sync.name;
}

std::string declarations(const Sync& sync)
{
    std::string text;
    for (const SyncVariable& variable : sync_variables(sync)) {
        text += variable.name + " " + variable.column->type.sql + ";\n";
    }
    return text;
}

/// Has every server the type under this name, whatever the session's search_path is?
bool is_known_everywhere(const Type& type)
{
    return type.family != TypeFamily::other && type.family != TypeFamily::enumeration &&
           type.sql != "citext";
}

/// Does the text name what only a search_path finds: a type of the user's, or what an expression of
/// the user's names? The application's need not be sluice's.
bool needs_search_path(const Sync& sync)
{
    std::vector<Column> columns = row_columns(sync, sync.olds);
    const std::vector<Column> news = row_columns(sync, sync.news);
    columns.insert(columns.end(), news.begin(), news.end());
    for (const std::string& name : sync.key) {
        columns.push_back(row_column(sync, name));
    }
    const auto is_given = [](const SyncedColumn& column) {
        return !column.value.expression.empty() && !column.value.is_total;
    };
    return std::any_of(sync.olds.begin(), sync.olds.end(), is_given) ||
           std::any_of(sync.news.begin(), sync.news.end(), is_given) ||
           !std::all_of(columns.begin(), columns.end(),
                        [](const Column& column) { return is_known_everywhere(column.type); });
}

std::string create_function(const PostgresqlDialect& dialect, const Sync& sync)
{
    const SyncBody body = sync_body(dialect, PlPgsql(), sync);
    std::string statements = body.on_insert;
    if (!body.on_update.empty()) {
        statements =
            "IF TG_OP = 'INSERT' THEN\n" + body.on_insert + "ELSE\n" + body.on_update + "END IF;\n";
    }
    // A name in an expression that is both a column and a variable means the column.
    const std::string text = "\n#variable_conflict use_column\nDECLARE\n" + declarations(sync) +
                             "BEGIN\n" + statements + "RETURN NEW;\nEND\n";
    // A path of its own makes each call dearer: only where it is needed.
    return "CREATE OR REPLACE FUNCTION " + postgresql::sync_function(dialect, sync.name) +
           "() RETURNS trigger LANGUAGE plpgsql " +
           (needs_search_path(sync) ? "SET search_path FROM CURRENT " : "") + "AS " +
           postgresql::dollar_quoted(text);
}

std::string events(const Sync& sync)
{
    return sync.direction == SyncDirection::backward ? "INSERT" : "INSERT OR UPDATE";
}

std::string trigger_of(const PostgresqlDialect& dialect, const Sync& sync)
{
    return postgresql::create_trigger(dialect, {.name = sync.name,
                                                .table = sync.table,
                                                .when = "BEFORE " + events(sync),
                                                .each = "ROW",
                                                .function_of = sync.name});
}

} // namespace

std::vector<std::string> PostgresqlDialect::sync_objects(const Sync& sync) const
{
    return {trigger_name(sync), "sluice.sync_" + sync.name};
}

namespace postgresql {

std::vector<std::string> create_sync(const PostgresqlDialect& dialect, const Sync& sync)
{
    refuse_late_columns(sync, Engine::postgresql);
    return {create_function(dialect, sync), trigger_of(dialect, sync)};
}

std::vector<std::string> drop_sync(const PostgresqlDialect& dialect, const Sync& sync)
{
    return {drop_trigger(dialect, sync.name, sync.table),
            "DROP FUNCTION IF EXISTS " + postgresql::sync_function(dialect, sync.name) + "()"};
}

std::vector<std::string> replace_sync(const PostgresqlDialect& dialect, const Sync& from,
                                      const Sync& to)
{
    refuse_late_columns(to, Engine::postgresql);
    if (events(from) == events(to)) {
        return {create_function(dialect, to)};
    }
    return {drop_trigger(dialect, from.name, from.table), create_function(dialect, to),
            trigger_of(dialect, to)};
}

} // namespace postgresql

} // namespace sluice
