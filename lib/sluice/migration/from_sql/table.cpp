#include "sluice/db/sql_text.h"
#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"

#include <fmt/core.h>

namespace sluice {

namespace {

/// What a column says besides, where that is a key or a number of its own.
bool take_key(SqlCursor& cursor, ColumnDefinition& column, std::vector<std::string>& primary_key)
{
    if (cursor.take({"PRIMARY", "KEY"})) {
        primary_key = {column.name};
        return true;
    }
    if (cursor.take({"AUTO_INCREMENT"}) || cursor.take({"AUTOINCREMENT"})) {
        column.identity = true;
        return true;
    }
    if (cursor.take({"GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"}) ||
        cursor.take({"GENERATED", "ALWAYS", "AS", "IDENTITY"})) {
        column.identity = true;
        return !cursor.is_symbol('(');
    }
    return false;
}

/// PostgreSQL's serial types are a sequence and a default besides.
bool numbers_itself(const std::string& type)
{
    const std::string lower = lower_case(type);
    return lower == "serial" || lower == "bigserial" || lower == "smallserial";
}

bool take_column_definition(SqlCursor& cursor, CreateTableChange& change)
{
    ColumnDefinition column;
    const std::optional<std::string> name = cursor.take_name();
    column.name = name.value_or("");
    column.type = {cursor.take_text(after_type()), {}};
    while (name && !cursor.at_end() && !cursor.is_symbol(',') && !cursor.is_symbol(')')) {
        if (cursor.take({"NOT", "NULL"})) {
            column.nullable = false;
        } else if (cursor.take({"DEFAULT"})) {
            column.default_sql = EngineText{cursor.take_text(after_type()), {}};
        } else if (!cursor.take({"NULL"}) && !take_key(cursor, column, change.primary_key)) {
            return false;
        }
    }
    change.columns.push_back(column);
    return name && !column.type.all.empty() && !numbers_itself(column.type.all);
}

bool take_definitions(SqlCursor& cursor, CreateTableChange& change)
{
    if (!cursor.take_symbol('(')) {
        return false;
    }
    do {
        if (cursor.take({"PRIMARY", "KEY"})) {
            change.primary_key = cursor.take_names();
        } else if (cursor.is_any({"CONSTRAINT", "CHECK", "FOREIGN", "UNIQUE", "KEY", "INDEX",
                                  "EXCLUDE", "LIKE"}) ||
                   !take_column_definition(cursor, change)) {
            return false;
        }
    } while (cursor.take_symbol(','));
    return cursor.take_symbol(')') && cursor.at_end() && !change.primary_key.empty();
}

template <class Kind> SqlPart declared(Kind change, std::string understood)
{
    SqlPart part{.what = {}, .understood = std::move(understood), .table = change.table};
    part.what = ChangeKind(std::move(change));
    return part;
}

std::optional<SqlPart> create_table(SqlCursor& cursor)
{
    CreateTableChange change;
    const std::optional<TableName> table = cursor.take_table();
    if (!table || !take_definitions(cursor, change)) {
        return std::nullopt;
    }
    change.table = *table;
    for (ColumnDefinition& column : change.columns) { // as a key says by itself
        for (const std::string& key : change.primary_key) {
            column.nullable = column.nullable && column.name != key;
        }
    }
    const std::string said =
        fmt::format("create_table \"{}\", which rollback drops", display(*table));
    return declared(std::move(change), said);
}

std::optional<SqlPart> drop_table(SqlCursor& cursor)
{
    cursor.take({"IF", "EXISTS"});
    const std::optional<TableName> table = cursor.take_table();
    cursor.take({"RESTRICT"});
    if (!table || !cursor.at_end()) {
        return std::nullopt;
    }
    return declared(DropTableChange{*table},
                    fmt::format("drop_table \"{}\": contract takes it away, purge drops its rows",
                                display(*table)));
}

} // namespace

std::optional<SqlPart> part_of_table(std::string_view sql, const FromSqlOptions& options)
{
    SqlCursor cursor(sql, options.engine);
    if (cursor.take({"CREATE", "TABLE"})) {
        return create_table(cursor);
    }
    return cursor.take({"DROP", "TABLE"}) ? drop_table(cursor) : std::nullopt;
}

} // namespace sluice
