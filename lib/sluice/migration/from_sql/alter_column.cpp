// What ALTER TABLE says of a column.

#include "sluice/migration/from_sql/alter_table.h"

namespace sluice {

namespace {

EngineText plain(std::string text)
{
    return {std::move(text), {}};
}

std::optional<EngineText> if_any(std::string text)
{
    return text.empty() ? std::nullopt : std::optional(plain(std::move(text)));
}

} // namespace

bool AlterTable::add_column()
{
    const std::optional<ColumnText> column = take_column(cursor_);
    if (!column || column->type.empty() || !is_known(*column)) {
        return false;
    }
    push(AddColumnChange{.column = column->name,
                         .type = plain(column->type),
                         .default_sql = if_any(column->default_sql),
                         .nullable = !column->is_not_null},
         column->name,
         fmt::format("add_column {}, {}{}{}", named(column->name), column->type,
                     column->is_not_null ? ", NOT NULL" : "",
                     column->has_place ? "; it comes last: its place is not kept" : ""));
    return true;
}

bool AlterTable::is_known(const ColumnText& column)
{
    if (!column.unknown.empty()) {
        reason_ = fmt::format("no declared change says {}", column.unknown);
    }
    return column.unknown.empty();
}

void AlterTable::push_rename(const std::string& from, const std::string& to,
                             const std::string& besides)
{
    push(RenameColumnChange{.from = from, .to = to}, to,
         fmt::format("rename_column {} to \"{}\": both names work until contract{}", named(from),
                     to, besides));
}

bool AlterTable::alter()
{
    cursor_.take({"COLUMN"});
    const std::optional<std::string> name = cursor_.take_name();
    if (!name) {
        return false;
    }
    if (cursor_.take({"SET", "NOT", "NULL"})) {
        push(SetNotNullChange{.column = *name}, *name,
             fmt::format("set_not_null {}, once every row was seen to have a value", named(*name)));
        return true;
    }
    if (cursor_.take({"DROP", "NOT", "NULL"})) {
        push(DropNotNullChange{.column = *name}, *name,
             fmt::format("drop_not_null {}", named(*name)));
        return true;
    }
    if (cursor_.take({"SET", "DEFAULT"})) {
        return alter_default(*name, cursor_.take_text());
    }
    if (cursor_.take({"DROP", "DEFAULT"})) {
        return alter_default(*name, "NULL");
    }
    if (cursor_.take({"SET", "DATA", "TYPE"}) || cursor_.take({"TYPE"})) {
        return alter_type(*name);
    }
    return false;
}

bool AlterTable::alter_default(const std::string& name, const std::string& value)
{
    push(ChangeColumnChange{.column = name, .default_sql = if_any(value)}, name,
         fmt::format("change_column {}: new rows get {}, others keep what they have", named(name),
                     value));
    return !value.empty();
}

bool AlterTable::alter_type(const std::string& name)
{
    const std::string type = cursor_.take_text({"USING", "COLLATE"});
    const std::string up = cursor_.take({"USING"}) ? cursor_.take_text() : std::string();
    if (type.empty() || cursor_.is("COLLATE")) {
        reason_ = "no declared change says COLLATE";
        return false;
    }
    push(ChangeColumnChange{.column = name, .type = plain(type), .up = if_any(up)}, name,
         fmt::format("change_column {} to {}: old and new value are kept in step until contract{}",
                     named(name), type,
                     up.empty() ? "" : "; USING becomes up: give down, the way back, too"));
    return true;
}

bool AlterTable::redefine(const std::string& name)
{
    const ColumnText column = take_column_shape(cursor_);
    if (column.type.empty() || !is_known(column)) {
        return false;
    }
    push(ChangeColumnChange{.column = name,
                            .type = plain(column.type),
                            .nullable = !column.is_not_null,
                            .default_sql = if_any(column.default_sql)},
         name,
         fmt::format("change_column {} to {}, {}{}", named(name), column.type,
                     column.is_not_null ? "NOT NULL" : "NULL allowed, as MODIFY without NOT NULL",
                     column.has_place ? "; its place is not kept" : ""));
    return true;
}

bool AlterTable::change()
{
    cursor_.take({"COLUMN"});
    const std::optional<std::string> from = cursor_.take_name();
    const std::optional<std::string> to = from ? cursor_.take_name() : std::nullopt;
    if (!to) {
        return false;
    }
    if (*from == *to) {
        return redefine(*to);
    }
    cursor_.take_text();
    push_rename(*from, *to,
                "; the type that CHANGE repeats is taken to be the one it has: where it is "
                "not, add change_column in a migration of its own");
    return true;
}

} // namespace sluice
