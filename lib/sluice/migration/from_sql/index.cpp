#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

/// The name that PostgreSQL gives to an index that has none: table_column_idx.
std::string name_for(const AddIndexChange& change)
{
    std::string name = change.table.name;
    for (const EngineText& part : change.columns) {
        const bool is_plain = part.all.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                              std::string::npos;
        name += "_" + (is_plain ? part.all : std::string("expr"));
    }
    return name + "_idx";
}

/// What follows the columns: INCLUDE, NULLS NOT DISTINCT, WHERE. False: something else is there.
bool take_rest(SqlCursor& cursor, AddIndexChange& change)
{
    if (cursor.take({"USING"})) { // MySQL has it behind the columns too
        const auto method = cursor.take_name();
        change.method = method ? std::optional(EngineText{*method, {}}) : std::nullopt;
    }
    if (cursor.take({"INCLUDE"})) {
        change.include = cursor.take_names();
    }
    change.nulls_not_distinct = cursor.take({"NULLS", "NOT", "DISTINCT"});
    if (cursor.take({"WHERE"})) {
        const std::size_t place = cursor.place();
        while (!cursor.at_end()) {
            cursor.go_back(cursor.place() + 1);
        }
        change.where = EngineText{cursor.text_since(place), {}};
    }
    return cursor.at_end();
}

std::optional<SqlPart> create_index(SqlCursor& cursor, std::string_view sql)
{
    AddIndexChange change;
    change.unique = cursor.take({"UNIQUE"});
    if (!cursor.take({"INDEX"})) {
        return std::nullopt;
    }
    cursor.take({"CONCURRENTLY"});
    cursor.take({"IF", "NOT", "EXISTS"});
    const auto take_method = [&] {
        const auto method = cursor.take({"USING"}) ? cursor.take_name() : std::nullopt;
        change.method = method ? std::optional(EngineText{*method, {}}) : change.method;
    };
    std::optional<TableName> name =
        cursor.is("ON") ? std::optional(TableName{}) : cursor.take_table();
    take_method();
    if (!name || !cursor.take({"ON"})) {
        return written_part(std::string(sql), "it is no CREATE INDEX that is understood");
    }
    cursor.take({"ONLY"});
    const std::optional<TableName> table = cursor.take_table();
    take_method();
    for (std::string& part : cursor.take_list()) {
        change.columns.push_back({std::move(part), {}});
    }
    if (!table || change.columns.empty() || !take_rest(cursor, change)) {
        return written_part(std::string(sql), "add_index has no key for something that it says");
    }
    change.table = *table;
    if (change.table.schema.empty()) {
        change.table.schema = name->schema; // SQLite's main.users_email ON users
    }
    change.name = name->name.empty() ? name_for(change) : name->name;
    SqlPart part{.what = {}, .table = change.table, .subject = change.name};
    part.understood = fmt::format("add_index \"{}\" on \"{}\", built while the table is written",
                                  change.name, display(change.table));
    part.what = ChangeKind(std::move(change));
    return part;
}

SqlPart drop_index(SqlCursor& cursor, std::string_view sql, const FromSqlOptions& options)
{
    cursor.take({"CONCURRENTLY"});
    cursor.take({"IF", "EXISTS"});
    const std::optional<TableName> name = cursor.take_table();
    std::optional<TableName> table =
        cursor.take({"ON"}) ? cursor.take_table() : std::optional<TableName>();
    cursor.take({"RESTRICT"});
    if (!table && !options.table.empty()) {
        table = parse_table_name(options.table);
    }
    if (!name || !cursor.at_end()) {
        return written_part(std::string(sql), "it is no DROP INDEX that is understood");
    }
    if (!table) {
        return written_part(std::string(sql),
                            "drop_index needs the table, which the statement does not say: add "
                            "table=… for that");
    }
    if (table->schema.empty()) {
        table->schema = name->schema;
    }
    SqlPart part{.what = {}, .table = *table, .subject = name->name};
    part.what = ChangeKind(DropIndexChange{.table = *table, .name = name->name});
    part.understood = fmt::format("drop_index \"{}\" of \"{}\", which rollback builds again",
                                  name->name, display(*table));
    return part;
}

} // namespace

std::optional<SqlPart> part_of_index(std::string_view sql, const FromSqlOptions& options)
{
    SqlCursor cursor(sql, options.engine);
    if (cursor.take({"CREATE"})) {
        return create_index(cursor, sql);
    }
    if (cursor.take({"DROP", "INDEX"})) {
        return drop_index(cursor, sql, options);
    }
    return std::nullopt;
}

} // namespace sluice
