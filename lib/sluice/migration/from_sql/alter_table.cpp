#include "sluice/migration/from_sql/alter_table.h"

namespace sluice {

std::vector<SqlPart> AlterTable::run()
{
    cursor_.take({"ALTER"});
    cursor_.take({"ONLINE"});
    cursor_.take({"IGNORE"});
    if (!cursor_.take({"TABLE"})) {
        return {};
    }
    cursor_.take({"IF", "EXISTS"});
    cursor_.take({"ONLY"});
    const std::optional<TableName> table = cursor_.take_table();
    cursor_.take_symbol('*');
    if (!table) {
        return {};
    }
    table_ = *table;
    head_ = cursor_.text_since(0);
    do {
        read_alteration();
    } while (cursor_.take_symbol(','));
    return std::move(parts_);
}

void AlterTable::read_alteration()
{
    const std::size_t place = cursor_.place();
    const std::size_t known = parts_.size();
    const bool is_read = read_known();
    const bool has_ended = cursor_.at_end() || cursor_.is_symbol(',');
    if (is_read && has_ended) {
        return;
    }
    parts_.resize(known);
    cursor_.go_back(place);
    cursor_.take_text();
    while (!cursor_.at_end() && !cursor_.is_symbol(',')) { // a parenthesis too many
        cursor_.go_back(cursor_.place() + 1);
    }
    write_out(place, reason_.empty() ? "there is no declared change for it" : reason_);
    reason_.clear();
}

bool AlterTable::read_known()
{
    if (cursor_.take({"ADD"})) {
        return add();
    }
    if (cursor_.take({"DROP"})) {
        return drop();
    }
    if (cursor_.take({"RENAME"})) {
        return rename();
    }
    if (cursor_.take({"ALTER"})) {
        return alter();
    }
    if (cursor_.take({"MODIFY"})) {
        cursor_.take({"COLUMN"});
        const std::optional<std::string> name = cursor_.take_name();
        return name && redefine(*name);
    }
    return cursor_.take({"CHANGE"}) && change();
}

void AlterTable::write_out(std::size_t place, const std::string& reason)
{
    SqlPart part = written_part(head_ + " " + cursor_.text_since(place), reason);
    part.table = table_;
    parts_.push_back(std::move(part));
}

bool AlterTable::add()
{
    if (cursor_.is_any({"PRIMARY", "EXCLUDE", "FULLTEXT", "SPATIAL", "PARTITION"})) {
        return false;
    }
    const std::size_t place = cursor_.place();
    if (cursor_.is_any({"UNIQUE", "INDEX", "KEY"}) && add_index()) {
        return true;
    }
    cursor_.go_back(place);
    if (cursor_.is_any({"CONSTRAINT", "CHECK", "FOREIGN", "UNIQUE", "INDEX", "KEY"})) {
        return add_constraint();
    }
    cursor_.take({"COLUMN"});
    cursor_.take({"IF", "NOT", "EXISTS"});
    if (!cursor_.take_symbol('(')) {
        return add_column();
    }
    do { // MySQL: several in parentheses
        if (!add_column()) {
            return false;
        }
    } while (cursor_.take_symbol(','));
    return cursor_.take_symbol(')');
}

bool AlterTable::add_constraint()
{
    ConstraintText text = take_constraint(cursor_);
    if (!text.change) {
        reason_ = text.reason.empty() ? reason_ : text.reason;
        return false;
    }
    std::visit(
        [&](auto change) {
            change.name = text.name;
            push(std::move(change), text.name,
                 fmt::format("{} {}: every row is held against it before contract, and every "
                             "version of the application from there on",
                             decltype(change)::kind, named(text.name)));
        },
        std::move(*text.change));
    return true;
}

bool AlterTable::add_index()
{
    AddIndexChange change;
    change.unique = cursor_.take({"UNIQUE"});
    if (!cursor_.take({"INDEX"}) && !cursor_.take({"KEY"})) {
        return false; // a constraint
    }
    const std::optional<std::string> name = cursor_.take_name();
    for (std::string& part : cursor_.take_list()) {
        change.columns.push_back({std::move(part), {}});
    }
    if (!name || change.columns.empty()) {
        reason_ = "an index needs a name and columns";
        return false;
    }
    change.name = *name;
    push(std::move(change), *name, fmt::format("add_index {}", named(*name)));
    return true;
}

bool AlterTable::drop()
{
    if (cursor_.is_any({"PRIMARY", "PARTITION"})) {
        return false;
    }
    if (cursor_.take({"CONSTRAINT"}) || cursor_.take({"FOREIGN", "KEY"}) ||
        cursor_.take({"CHECK"})) {
        return drop_constraint();
    }
    if (cursor_.take({"INDEX"}) || cursor_.take({"KEY"})) {
        const std::optional<std::string> name = cursor_.take_name();
        if (name) {
            push(DropIndexChange{.name = *name}, *name, fmt::format("drop_index {}", named(*name)));
        }
        return name.has_value();
    }
    cursor_.take({"COLUMN"});
    const std::optional<std::string> name = take_dropped();
    if (name) {
        push(DropColumnChange{.column = *name}, *name,
             fmt::format("drop_column {}: contract takes it away, purge drops its data",
                         named(*name)));
    }
    return name.has_value();
}

std::optional<std::string> AlterTable::take_dropped()
{
    cursor_.take({"IF", "EXISTS"});
    const std::optional<std::string> name = cursor_.take_name();
    cursor_.take({"RESTRICT"});
    if (cursor_.is("CASCADE")) {
        reason_ = "what CASCADE drops besides is not known";
        return std::nullopt;
    }
    return name;
}

bool AlterTable::drop_constraint()
{
    const std::optional<std::string> name = take_dropped();
    if (name) {
        push(DropConstraintChange{.name = *name}, *name,
             fmt::format("drop_constraint {}, which rollback adds again", named(*name)));
    }
    return name.has_value();
}

bool AlterTable::rename()
{
    if (cursor_.take({"CONSTRAINT"})) {
        return rename_constraint();
    }
    if (cursor_.take({"TO"}) || cursor_.take({"AS"})) {
        return rename_table();
    }
    if (cursor_.is_any({"INDEX", "KEY"})) {
        return false;
    }
    cursor_.take({"COLUMN"});
    const std::optional<std::string> from = cursor_.take_name();
    const std::optional<std::string> to =
        from && cursor_.take({"TO"}) ? cursor_.take_name() : std::nullopt;
    if (to) {
        push_rename(*from, *to, "");
    }
    return to.has_value();
}

bool AlterTable::rename_constraint()
{
    const std::optional<std::string> from = cursor_.take_name();
    const std::optional<std::string> to =
        from && cursor_.take({"TO"}) ? cursor_.take_name() : std::nullopt;
    if (to) {
        push(RenameConstraintChange{.from = *from, .to = *to}, *to,
             fmt::format("rename_constraint {} to \"{}\"", named(*from), *to));
    }
    return to.has_value();
}

bool AlterTable::rename_table()
{
    const std::optional<std::string> to = cursor_.take_name();
    if (to) {
        push(RenameTableChange{.to = {table_.schema, *to}}, *to,
             fmt::format("rename_table \"{}\" to \"{}\": both names work until contract",
                         display(table_), *to));
    }
    return to.has_value();
}

std::vector<SqlPart> parts_of_alter_table(std::string_view sql, const FromSqlOptions& options)
{
    return AlterTable(sql, options).run();
}

} // namespace sluice
