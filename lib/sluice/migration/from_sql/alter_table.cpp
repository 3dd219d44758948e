#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"

#include <fmt/core.h>

#include <algorithm>

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

/// One ALTER TABLE, alteration by alteration.
class AlterTable {
public:
    AlterTable(std::string_view sql, const FromSqlOptions& options) : cursor_(sql, options.engine)
    {
    }

    std::vector<SqlPart> run()
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

private:
    void read_alteration()
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

    bool read_known()
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

    void write_out(std::size_t place, const std::string& reason)
    {
        SqlPart part = written_part(head_ + " " + cursor_.text_since(place), reason);
        part.table = table_;
        parts_.push_back(std::move(part));
    }

    template <class Kind> void push(Kind kind, const std::string& subject, std::string understood)
    {
        kind.table = table_;
        SqlPart part{.what = {}, .table = table_, .subject = subject};
        part.understood = std::move(understood);
        part.what = ChangeKind(std::move(kind));
        parts_.push_back(std::move(part));
    }

    [[nodiscard]] std::string named(const std::string& column) const
    {
        return fmt::format("\"{}\" of \"{}\"", column, display(table_));
    }

    bool add()
    {
        if (cursor_.is_any({"CONSTRAINT", "CHECK", "FOREIGN", "UNIQUE", "PRIMARY", "EXCLUDE",
                            "INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION"})) {
            return add_index_or_constraint();
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

    bool add_column()
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

    bool is_known(const ColumnText& column)
    {
        if (!column.unknown.empty()) {
            reason_ = fmt::format("no declared change says {}", column.unknown);
        }
        return column.unknown.empty();
    }

    bool add_index_or_constraint()
    {
        AddIndexChange change;
        change.unique = cursor_.take({"UNIQUE"});
        if (!cursor_.take({"INDEX"}) && !cursor_.take({"KEY"})) {
            return false; // a constraint
        }
        const std::optional<std::string> name = cursor_.take_name();
        for (std::string& part : cursor_.take_list()) {
            change.columns.push_back(plain(std::move(part)));
        }
        if (!name || change.columns.empty()) {
            reason_ = "an index needs a name and columns";
            return false;
        }
        change.name = *name;
        push(std::move(change), *name, fmt::format("add_index {}", named(*name)));
        return true;
    }

    bool drop()
    {
        if (cursor_.is_any({"CONSTRAINT", "FOREIGN", "PRIMARY", "CHECK", "PARTITION"})) {
            return false;
        }
        if (cursor_.take({"INDEX"}) || cursor_.take({"KEY"})) {
            const std::optional<std::string> name = cursor_.take_name();
            if (name) {
                push(DropIndexChange{.name = *name}, *name,
                     fmt::format("drop_index {}", named(*name)));
            }
            return name.has_value();
        }
        cursor_.take({"COLUMN"});
        cursor_.take({"IF", "EXISTS"});
        const std::optional<std::string> name = cursor_.take_name();
        cursor_.take({"RESTRICT"});
        if (!name || cursor_.is("CASCADE")) {
            reason_ = "what CASCADE drops besides is not known";
            return false;
        }
        push(DropColumnChange{.column = *name}, *name,
             fmt::format("drop_column {}: contract takes it away, purge drops its data",
                         named(*name)));
        return true;
    }

    bool rename()
    {
        if (cursor_.is_any({"TO", "AS", "CONSTRAINT", "INDEX", "KEY"})) {
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

    void push_rename(const std::string& from, const std::string& to, const std::string& besides)
    {
        push(RenameColumnChange{.from = from, .to = to}, to,
             fmt::format("rename_column {} to \"{}\": both names work until contract{}",
                         named(from), to, besides));
    }

    /// PostgreSQL: ALTER [COLUMN] c …
    bool alter()
    {
        cursor_.take({"COLUMN"});
        const std::optional<std::string> name = cursor_.take_name();
        if (!name) {
            return false;
        }
        if (cursor_.take({"SET", "NOT", "NULL"})) {
            push(SetNotNullChange{.column = *name}, *name,
                 fmt::format("set_not_null {}, once every row was seen to have a value",
                             named(*name)));
            return true;
        }
        if (cursor_.take({"DROP", "NOT", "NULL"})) {
            push(DropNotNullChange{.column = *name}, *name,
                 fmt::format("drop_not_null {}", named(*name)));
            return true;
        }
        if (cursor_.take({"SET", "DATA", "TYPE"}) || cursor_.take({"TYPE"})) {
            return alter_type(*name);
        }
        return false;
    }

    bool alter_type(const std::string& name)
    {
        const std::string type = cursor_.take_text({"USING", "COLLATE"});
        const std::string up = cursor_.take({"USING"}) ? cursor_.take_text() : std::string();
        if (type.empty() || cursor_.is("COLLATE")) {
            reason_ = "no declared change says COLLATE";
            return false;
        }
        push(ChangeColumnChange{.column = name, .type = plain(type), .up = if_any(up)}, name,
             fmt::format(
                 "change_column {} to {}: old and new value are kept in step until contract{}",
                 named(name), type,
                 up.empty() ? "" : "; USING becomes up: give down, the way back, too"));
        return true;
    }

    /// MySQL: MODIFY c TYPE …: what it does not say is gone.
    bool redefine(const std::string& name)
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
                         column.is_not_null ? "NOT NULL"
                                            : "NULL allowed, as MODIFY without NOT NULL",
                         column.has_place ? "; its place is not kept" : ""));
        return true;
    }

    /// MySQL: CHANGE a b TYPE …: a rename that has to repeat all that the column is.
    bool change()
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

    SqlCursor cursor_;
    TableName table_;
    std::string head_;
    std::string reason_;
    std::vector<SqlPart> parts_;
};

/// A column's change of type with its NOT NULL, as they may stand in one statement.
bool merge_into(SqlPart& first, const SqlPart& second)
{
    auto* kind = std::get_if<ChangeKind>(&first.what);
    const auto* other = std::get_if<ChangeKind>(&second.what);
    auto* change = kind == nullptr ? nullptr : std::get_if<ChangeColumnChange>(kind);
    if (change == nullptr || other == nullptr || first.table != second.table ||
        first.subject != second.subject) {
        return false;
    }
    const bool sets = std::holds_alternative<SetNotNullChange>(*other);
    if (!sets && !std::holds_alternative<DropNotNullChange>(*other)) {
        return false;
    }
    change->nullable = !sets;
    first.understood += sets ? "; and NOT NULL" : "; and NULL allowed";
    return true;
}

} // namespace

std::vector<SqlPart> parts_of_alter_table(std::string_view sql, const FromSqlOptions& options)
{
    return AlterTable(sql, options).run();
}

void merge_parts(std::vector<SqlPart>& parts)
{
    std::vector<SqlPart> merged;
    for (SqlPart& part : parts) {
        const bool is_merged = std::any_of(merged.begin(), merged.end(), [&](SqlPart& known) {
            return merge_into(known, part) || merge_into(part, known);
        });
        if (!is_merged) {
            merged.push_back(std::move(part));
        }
    }
    parts = std::move(merged);
}

} // namespace sluice
