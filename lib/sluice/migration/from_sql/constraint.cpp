#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"

#include <fmt/core.h>

namespace sluice {

namespace {

/// CASCADE, SET NULL, …
std::optional<std::string> take_rule(SqlCursor& cursor)
{
    for (const char* word : {"CASCADE", "RESTRICT"}) {
        if (cursor.take({word})) {
            return word;
        }
    }
    if (cursor.take({"NO", "ACTION"})) {
        return "NO ACTION";
    }
    if (cursor.take({"SET", "NULL"})) {
        return "SET NULL";
    }
    return cursor.take({"SET", "DEFAULT"}) ? std::optional<std::string>("SET DEFAULT")
                                           : std::nullopt;
}

std::optional<ConstraintChange> take_check(SqlCursor& cursor)
{
    if (!cursor.is_symbol('(')) {
        return std::nullopt;
    }
    const std::vector<std::string> parts = cursor.take_list();
    AddCheckChange change;
    change.check = {parts.size() == 1 ? parts[0] : std::string(), {}};
    return change.check.all.empty() ? std::nullopt : std::optional<ConstraintChange>(change);
}

std::optional<ConstraintChange> take_unique(SqlCursor& cursor, std::string& name)
{
    AddUniqueChange change;
    if ((cursor.take({"INDEX"}) || cursor.take({"KEY"}) || !name.empty()) &&
        !cursor.is_symbol('(') && !cursor.is("NULLS")) {
        name = cursor.take_name().value_or(name); // MySQL's second place for it
    }
    change.nulls_not_distinct = cursor.take({"NULLS", "NOT", "DISTINCT"});
    change.columns = cursor.take_names();
    return change.columns.empty() ? std::nullopt : std::optional<ConstraintChange>(change);
}

std::optional<ConstraintChange> take_foreign_key(SqlCursor& cursor, std::string& name)
{
    AddForeignKeyChange change;
    if (!cursor.is_symbol('(')) {
        name = cursor.take_name().value_or(name); // MySQL's second place for it
    }
    change.columns = cursor.take_names();
    const std::optional<TableName> table =
        cursor.take({"REFERENCES"}) ? cursor.take_table() : std::nullopt;
    if (change.columns.empty() || !table) {
        return std::nullopt;
    }
    change.references = *table;
    change.referenced_columns = cursor.take_names();
    cursor.take({"MATCH", "SIMPLE"});
    for (int n = 0; n < 2; ++n) {
        if (cursor.take({"ON", "DELETE"})) {
            change.on_delete = take_rule(cursor);
        } else if (cursor.take({"ON", "UPDATE"})) {
            change.on_update = take_rule(cursor);
        }
    }
    cursor.take({"NOT", "DEFERRABLE"});
    return change;
}

} // namespace

ConstraintText take_constraint(SqlCursor& cursor)
{
    ConstraintText text;
    if (cursor.take({"CONSTRAINT"})) {
        text.name = cursor.take_name().value_or("");
    }
    if (cursor.take({"CHECK"})) {
        text.change = take_check(cursor);
    } else if (cursor.take({"UNIQUE"})) {
        text.change = take_unique(cursor, text.name);
    } else if (cursor.take({"FOREIGN", "KEY"})) {
        text.change = take_foreign_key(cursor, text.name);
    }
    cursor.take({"NOT", "VALID"}); // as sluice adds it anyway
    if (text.change && text.name.empty()) {
        text.change.reset();
        text.reason = "a constraint needs a name: CONSTRAINT name …";
    }
    return text;
}

} // namespace sluice
