#include "sluice/core/error.h"
#include "sluice/core/event.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/renaming.h"
#include "sluice/db/render_parts.h"
#include "sluice/db/sqlite/dialect.h"
#include "sluice/db/sqlite/link_sync.h"
#include "sluice/db/sqlite/rebuild_sql.h"
#include "sluice/db/sqlite/sync.h"
#include "sluice/db/sqlite/table_render.h"
#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice {

namespace {

using Statements = std::vector<std::string>;

void append(Statements& to, const Statements& statements)
{
    to.insert(to.end(), statements.begin(), statements.end());
}

std::string called(const Constraint& constraint)
{
    const auto* key = std::get_if<ForeignKey>(&constraint);
    return key != nullptr && key->name.empty()
               ? "its foreign key to \"" + key->referenced.name + "\""
               : "constraint \"" + name_of(constraint) + "\"";
}

bool uses(const Index& index, const std::string& column)
{
    return mentions(index.predicate, column, Engine::sqlite) ||
           std::any_of(index.parts.begin(), index.parts.end(), [&column](const IndexPart& part) {
               return part.column == column || mentions(part.expression, column, Engine::sqlite);
           });
}

/// DDL is transactional: everything goes into one action, with the triggers off before names change
/// and on after. What ALTER TABLE cannot do is an edit of sqlite_schema, the way that SQLite
/// documents.
class Renderer {
public:
    Renderer(const SqliteDialect& dialect, const std::vector<Alteration>& group, const Table& table,
             Direction direction)
        : dialect_(dialect), group_(group), table_(table), direction_(direction)
    {
    }

    Statements run()
    {
        for (const Alteration& alteration : group_) {
            if (const auto* drop = std::get_if<DropSync>(&alteration)) {
                append(statements_, sqlite::drop_sync(dialect_, drop->sync));
            } else if (const auto* replace = std::get_if<ReplaceSync>(&alteration)) {
                append(statements_, sqlite::drop_sync(dialect_, replace->from));
            } else if (const auto* unlink = std::get_if<DropLinkSync>(&alteration)) {
                append(statements_, sqlite::drop_link_sync(dialect_, unlink->sync));
            } else if (const auto* relink = std::get_if<ReplaceLinkSync>(&alteration)) {
                append(statements_, sqlite::drop_link_sync(dialect_, relink->from));
            }
        }
        for (at_ = 0; at_ < group_.size(); ++at_) {
            std::visit([this](const auto& alteration) { add(alteration); }, group_[at_]);
        }
        if (!edits_.empty()) {
            statements_.push_back(sqlite::rebuilt(dialect_, table_.name, edits_));
        }
        for (const Alteration& alteration : group_) {
            if (const auto* create = std::get_if<CreateSync>(&alteration)) {
                append(statements_, sqlite::create_sync(dialect_, create->sync));
            } else if (const auto* replace = std::get_if<ReplaceSync>(&alteration)) {
                append(statements_, sqlite::create_sync(dialect_, replace->to));
            } else if (const auto* link = std::get_if<CreateLinkSync>(&alteration)) {
                append(statements_, sqlite::create_link_sync(dialect_, link->sync));
            } else if (const auto* relink = std::get_if<ReplaceLinkSync>(&alteration)) {
                append(statements_, sqlite::create_link_sync(dialect_, relink->to));
            }
        }
        return std::move(statements_);
    }

private:
    template <class Other> void add(const Other& /*of a whole table*/)
    {
        throw Error(ErrorKind::internal, "a group that alters a table is about tables as well");
    }

    void add(const AddColumn& a)
    {
        std::string text = dialect_.quote(a.column.name) + " " + a.column.type.sql;
        text += a.column.collation.empty() ? "" : " COLLATE " + dialect_.quote(a.column.collation);
        text += a.column.nullable ? "" : " NOT NULL";
        text += a.column.default_sql ? " DEFAULT " + parenthesized(*a.column.default_sql) : "";
        statements_.push_back(alter("ADD COLUMN " + text));
    }

    /// SQLite refuses to drop a column that an index uses.
    void add(const DropColumn& a)
    {
        for (const Index& index : table_.indexes) {
            if (uses(index, a.column.name)) {
                statements_.push_back("DROP INDEX IF EXISTS " + dialect_.quote(index.name));
            }
        }
        statements_.push_back(alter("DROP COLUMN " + dialect_.quote(a.column.name)));
    }

    void add(const RenameColumn& a)
    {
        statements_.push_back(
            alter("RENAME COLUMN " + dialect_.quote(a.from) + " TO " + dialect_.quote(a.to)));
    }

    /// A row that was written before the column was added does not hold it: SQLite reads the
    /// column's default in its place. So rows that could be such are written out first, or the new
    /// default would change what they say. On the way back that has been done.
    void add(const SetDefault& a)
    {
        if (a.from == a.to) {
            return;
        }
        const std::string column = dialect_.quote(a.column.name);
        if (direction_ == Direction::forward) {
            statements_.push_back("UPDATE " + dialect_.quote(table_.name.name) + " SET " + column +
                                  " = " + column + " WHERE " + column + " IS " +
                                  (a.from ? "(" + *a.from + ")" : "NULL"));
        }
        edit("sluice_with_default(sql, " + dialect_.literal(a.column.name) + ", " +
             (a.to ? dialect_.literal(*a.to) : "NULL") + ")");
    }

    void add(const SetComment& a)
    {
        throw Error(ErrorKind::refused,
                    "SQLite has no comments on columns, as for \"" + a.column.name +
                        "\" of table \"" + table_.name.name + "\"",
                    {.hint = "Leave the change out here: put it into a migration for the other "
                             "engines."});
    }

    void add(const SetIdentity& a)
    {
        throw Error(ErrorKind::refused,
                    "column \"" + a.from.name + "\" of table \"" + table_.name.name +
                        "\" cannot be told to number itself, or not to: in SQLite an INTEGER "
                        "PRIMARY KEY does, and nothing else",
                    {.hint = "Leave the change out here; another key is made with kind = "
                             "\"copy_table\"."});
    }

    void add(const SetNullability& a)
    {
        if (a.column.nullable == (a.to == Nullability::nullable)) {
            return;
        }
        const std::string name = dialect_.literal(a.column.name);
        if (a.to == Nullability::nullable) {
            edit("sluice_without_not_null(sql, " + name + ")");
            return;
        }
        statements_.push_back(require_no_null(a.column.name));
        edit("sluice_with_not_null(sql, " + name + ")");
    }

    void add(const CreateIndex& a)
    {
        if (a.index.is_constraint) {
            edits_.push_back(sqlite::with_constraint(dialect_, index_at_end(group_, at_, a.index)));
            return;
        }
        statements_.push_back(sqlite::create_index(dialect_, table_.name, a.index));
    }

    void add(const DropIndex& a)
    {
        if (a.index.is_constraint) {
            edits_.push_back(
                sqlite::without_constraint(dialect_, index_at_end(group_, at_, a.index)));
            return;
        }
        statements_.push_back("DROP INDEX " + dialect_.quote(a.index.name));
    }

    void add(const MoveUnique& a)
    {
        edits_.push_back(sqlite::with_constraint_moved(dialect_, index_at_end(group_, at_, a.from),
                                                       index_at_end(group_, at_, a.to)));
    }

    /// SQLite has no such statement; the edit spares building the index anew. The index of a
    /// constraint has no part in its name.
    void add(const RenameIndex& a)
    {
        if (a.is_constraint && a.from.rfind("sqlite_autoindex_", 0) == 0) {
            throw Error(ErrorKind::refused,
                        "the UNIQUE with index \"" + a.from + "\" of table \"" + table_.name.name +
                            "\" has no name",
                        {.hint = "Leave the change out: its index goes by its number."});
        }
        if (a.is_constraint) {
            edit("sluice_with_constraint_name(sql, " + dialect_.literal(a.from) + ", " +
                 dialect_.literal(a.to) + ")");
            return;
        }
        edit("sluice_with_index_name(sql, " + dialect_.literal(a.to) + ")",
             "name = " + dialect_.literal(a.to) + ", ",
             "type = 'index' AND name = " + dialect_.literal(a.from));
    }

    void add(const AddConstraint& a)
    {
        const std::string& name = name_of(a.constraint);
        const std::string text = (name.empty() ? "" : "CONSTRAINT " + dialect_.quote(name) + " ") +
                                 body_of(dialect_, a.constraint);
        statements_.push_back(require(keeps_to(dialect_, table_.name, a.constraint),
                                      "a row of table \"" + table_.name.name +
                                          "\" does not keep to " + called(a.constraint) +
                                          "; its key: "));
        edit("sluice_with_constraint(sql, " + dialect_.literal(text) + ")");
    }

    void add(const DropConstraint& a)
    {
        const auto* key = std::get_if<ForeignKey>(&a.constraint);
        if (key != nullptr && key->name.empty()) {
            edit("sluice_without_foreign_key(sql, " +
                 dialect_.literal("(" + dialect_.quote_list(key->columns) + ")") + ", " +
                 dialect_.literal(key->referenced.name) + ")");
            return;
        }
        edit("sluice_without_constraint(sql, " + dialect_.literal(name_of(a.constraint)) + ")");
    }

    void add(const RenameConstraint& a)
    {
        edit("sluice_with_constraint_name(sql, " + dialect_.literal(name_of(a.constraint)) + ", " +
             dialect_.literal(a.to) + ")");
    }

    void add(const CreateSync& /*in its place*/) {}

    void add(const DropSync& /*in its place*/) {}

    void add(const ReplaceSync& /*in its place*/) {}

    void add(const CreateLinkSync& /*in its place*/) {}

    void add(const DropLinkSync& /*in its place*/) {}

    void add(const ReplaceLinkSync& /*in its place*/) {}

    void edit(const std::string& new_sql)
    {
        edit(new_sql, "", "type = 'table' AND name = " + dialect_.literal(table_.name.name));
    }

    /// Making and dropping a view tells other connections that the schema is another; RESET makes
    /// this one read it again.
    void edit(const std::string& new_sql, const std::string& also, const std::string& which)
    {
        append(statements_,
               {"PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET " + also + "sql = " + new_sql + " WHERE " + which,
                "CREATE VIEW sluice_schema_changed AS SELECT 1", "DROP VIEW sluice_schema_changed",
                "PRAGMA writable_schema = RESET"});
    }

    [[nodiscard]] std::string require_no_null(const std::string& column) const
    {
        return require(dialect_.quote(column) + " IS NOT NULL",
                       "column \"" + column + "\" of table \"" + table_.name.name +
                           "\" is NULL in a row and cannot become NOT NULL; its key: ");
    }

    /// Fails with the message and the key of the first row that does not meet the condition.
    [[nodiscard]] std::string require(const std::string& condition,
                                      const std::string& message) const
    {
        std::string key;
        for (const std::string& each : table_.primary_key) {
            key += (key.empty() ? "" : " || ', ' || ") + ("quote(" + dialect_.quote(each) + ")");
        }
        return "SELECT sluice_refuse(" + dialect_.literal(message) + " || " +
               (key.empty() ? "'none'" : key) + ") FROM " + dialect_.quote(table_.name.name) +
               " WHERE NOT (" + condition + ") LIMIT 1";
    }

    [[nodiscard]] std::string parenthesized(const std::string& value) const
    {
        const bool is_bare =
            dialect_.is_constant(value) || (!value.empty() && value.front() == '(');
        return is_bare ? value : "(" + value + ")";
    }

    [[nodiscard]] std::string alter(const std::string& what) const
    {
        return "ALTER TABLE " + dialect_.quote(table_.name.name) + " " + what;
    }

    const SqliteDialect& dialect_;
    const std::vector<Alteration>& group_;
    const Table& table_;
    Direction direction_;
    std::size_t at_ = 0;
    Statements statements_;
    std::vector<TableEdit> edits_; ///< that no text takes: the table is written anew
};

/// SQLite drops a column's indexes with it here: the way back makes them again.
std::vector<Alteration> inverse_of(const std::vector<Alteration>& group, const Table& table)
{
    std::vector<Alteration> back = invert(group);
    for (const Alteration& alteration : group) {
        const auto* drop = std::get_if<DropColumn>(&alteration);
        if (drop == nullptr) {
            continue;
        }
        for (const Index& index : table.indexes) {
            if (uses(index, drop->column.name)) {
                back.push_back(CreateIndex{drop->table, index});
            }
        }
    }
    return back;
}

bool is_rebuild(const Alteration& alteration)
{
    const auto* create = std::get_if<CreateIndex>(&alteration);
    const auto* drop = std::get_if<DropIndex>(&alteration);
    return (create != nullptr && create->index.is_constraint) ||
           (drop != nullptr && drop->index.is_constraint) ||
           std::holds_alternative<MoveUnique>(alteration);
}

std::string lock_text(const std::vector<Alteration>& group, const Table& table)
{
    if (std::any_of(group.begin(), group.end(), is_rebuild)) {
        return sqlite::lock_of_rebuild(table);
    }
    const bool reads = std::any_of(group.begin(), group.end(), [](const Alteration& alteration) {
        const auto* set = std::get_if<SetNullability>(&alteration);
        return (set != nullptr && set->to == Nullability::not_null) ||
               std::holds_alternative<CreateIndex>(alteration) ||
               std::holds_alternative<AddConstraint>(alteration) ||
               std::holds_alternative<SetDefault>(alteration);
    });
    if (has<DropColumn>(group)) {
        return "the database's write lock while the table is written anew";
    }
    return reads ? "the database's write lock while the table is read"
                 : "the database's write lock, brief";
}

} // namespace

std::vector<Rendered> SqliteDialect::render(const std::vector<Alteration>& group,
                                            const Table& table) const
{
    if (is_about_tables(group)) {
        const Divided parts = divided(group);
        std::vector<Rendered> all = sqlite::render_tables(*this, parts.tables);
        if (!parts.constraints.empty()) {
            const auto add = [&](std::vector<Step>& steps, const std::vector<Alteration>& which,
                                 Direction direction, bool is_first) {
                const std::vector<Step> more =
                    steps_of(Renderer(*this, which, table, direction).run());
                steps.insert(is_first ? steps.begin() : steps.end(), more.begin(), more.end());
            };
            add(all.front().steps, parts.constraints, Direction::forward, false);
            add(all.front().undo, inverse_of(parts.constraints, table), Direction::undo, true);
            all.front().lock = lock_text(parts.constraints, table);
        }
        return all;
    }
    Rendered rendered;
    rendered.summary = summary_of(group);
    rendered.is_main = true;
    rendered.lock = lock_text(group, table);
    rendered.tables = tables_of(table.name, group);
    rendered.steps = steps_of(Renderer(*this, group, table, Direction::forward).run());
    const std::vector<Alteration> back = inverse_of(group, table);
    // The table as it is when the group has run: only its indexes are asked for, by DropColumn,
    // and a column that the group added has none but those that the group itself takes away.
    rendered.undo = steps_of(Renderer(*this, back, table, Direction::undo).run());
    if (rendered.steps.empty()) {
        return {};
    }
    return {rendered};
}

} // namespace sluice
