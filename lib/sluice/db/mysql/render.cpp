#include "sluice/core/error.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/mysql/constraint_ddl.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/mysql/link_sync.h"
#include "sluice/db/mysql/nullability.h"
#include "sluice/db/mysql/sync.h"
#include "sluice/db/mysql/table_ddl.h"
#include "sluice/db/mysql/table_render.h"
#include "sluice/db/renaming.h"
#include "sluice/db/render_parts.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace sluice {

namespace {

using namespace mysql;

void append(std::vector<Step>& to, const std::vector<Step>& steps)
{
    to.insert(to.end(), steps.begin(), steps.end());
}

/// A group becomes, in this order: what can be prepared beside a working application (indexes, NULL
/// or NOT NULL in one rebuild); one action with all that shows; the drops of indexes; and the
/// preparations for the way back, which undo takes first. Where columns are renamed under triggers,
/// the table is locked from the first trigger's end to the last one's beginning: in between every
/// write would fail.
class Renderer {
public:
    Renderer(const MysqlDialect& dialect, const std::vector<Alteration>& group, const Table& table)
        : dialect_(dialect), group_(group), table_(table)
    {
    }

    std::vector<Rendered> run()
    {
        std::vector<Rendered> all;
        const NullabilityActions nullability(dialect_, group_, table_);
        for (std::size_t at = 0; at < group_.size(); ++at) {
            if (const auto* create = std::get_if<CreateIndex>(&group_[at])) {
                all.push_back(index_action(*create, at));
            }
        }
        for (std::size_t at = 0; at < group_.size(); ++at) {
            if (const auto* add = std::get_if<AddConstraint>(&group_[at])) {
                all.push_back(added(dialect_, table_,
                                    constraint_at_start(group_, at, add->constraint, dialect_)));
            }
        }
        append_if_needed(all, nullability.action());
        Rendered main = main_action();
        bool has_main = !main.steps.empty();
        std::vector<Constraint> back;
        append_if_needed(all, std::move(main));
        append_if_needed(all, nullability.on_undo());
        for (std::size_t at = 0; at < group_.size(); ++at) {
            if (const auto* drop = std::get_if<DropIndex>(&group_[at])) {
                all.push_back(index_drop(*drop, at));
                all.back().is_main = !has_main;
                has_main = true;
            } else if (const auto* constraint = std::get_if<DropConstraint>(&group_[at])) {
                back.push_back(constraint_at_end(group_, at, constraint->constraint, dialect_));
                all.push_back(restored(dialect_, table_, back.back()));
            }
        }
        if (back.size() > 1 && !is_swap()) {
            all.push_back(require_all(dialect_, table_, back));
        }
        return all;
    }

private:
    static void append_if_needed(std::vector<Rendered>& all, Rendered action)
    {
        if (!action.steps.empty()) {
            all.push_back(std::move(action));
        }
    }

    [[nodiscard]] Rendered made() const
    {
        Rendered rendered;
        rendered.mode = rendered.undo_mode = Mode::standalone;
        rendered.tables = {table_.name};
        return rendered;
    }

    [[nodiscard]] std::string name() const { return display(table_.name); }

    [[nodiscard]] std::string alter(const std::string& what) const
    {
        return "ALTER TABLE " + dialect_.quote(table_.name) + " " + what;
    }

    [[nodiscard]] Rendered index_action(const CreateIndex& a, std::size_t at) const
    {
        const Index index = index_at_start(group_, at, a.index);
        Rendered rendered = made();
        rendered.summary = summary_of(CreateIndex{a.table, index});
        rendered.lock = "metadata lock on " + name() +
                        " at start and end, brief; writes go on while the index is built";
        rendered.steps = {built(index)};
        rendered.undo = {dropped(index.name)};
        return rendered;
    }

    [[nodiscard]] Step built(const Index& index) const
    {
        return {create_index(dialect_, table_.name, index),
                has_index(dialect_, table_.name, index.name), false};
    }

    [[nodiscard]] Step dropped(const std::string& index) const
    {
        return {alter("DROP INDEX " + dialect_.quote(index) + ", ALGORITHM=INPLACE, LOCK=NONE"),
                lacks_index(dialect_, table_.name, index), false};
    }

    /// An action of its own, never part of a swap: its undo builds the index beside a working
    /// application, and comes before the swap is taken back, wherever a process has died.
    [[nodiscard]] Rendered index_drop(const DropIndex& a, std::size_t at) const
    {
        const Index index = index_at_end(group_, at, a.index);
        Rendered rendered = made();
        rendered.summary = summary_of(DropIndex{a.table, index});
        rendered.lock = "metadata lock on " + name() + ", brief";
        rendered.steps = {dropped(index.name)};
        rendered.undo = {built(index)};
        return rendered;
    }

    [[nodiscard]] bool is_swap() const
    {
        return has<ReplaceSync>(group_) || has<ReplaceLinkSync>(group_) ||
               (has<RenameColumn>(group_) && (has<CreateSync>(group_) || has<DropSync>(group_)));
    }

    [[nodiscard]] std::string shown_tables() const
    {
        const bool is_link = has<CreateLinkSync>(group_) || has<DropLinkSync>(group_) ||
                             has<ReplaceLinkSync>(group_);
        return is_link ? "both tables" : name();
    }

    [[nodiscard]] Rendered main_action() const
    {
        const std::vector<Alteration> back = invert(group_);
        Rendered rendered = made();
        std::vector<Alteration> shown;
        std::copy_if(group_.begin(), group_.end(), std::back_inserter(shown),
                     [](const Alteration& alteration) {
                         return !std::holds_alternative<CreateIndex>(alteration) &&
                                !std::holds_alternative<DropIndex>(alteration) &&
                                !std::holds_alternative<AddConstraint>(alteration) &&
                                !std::holds_alternative<SetNullability>(alteration);
                     });
        rendered.summary = summary_of(shown);
        rendered.is_main = true;
        rendered.tables = tables_of(table_.name, group_);
        rendered.steps = shown_steps(group_);
        rendered.undo = shown_steps(back);
        if (is_swap()) {
            rendered.mode = rendered.undo_mode = Mode::locked;
            rendered.lock = "WRITE on " + shown_tables() + ", brief: readers and writers wait";
        } else {
            rendered.lock = "metadata lock on " + shown_tables() + ", brief";
        }
        return rendered;
    }

    /// Triggers off, renames, the rest, triggers on; each step may be met again by a resume.
    [[nodiscard]] std::vector<Step> shown_steps(const std::vector<Alteration>& group) const
    {
        std::vector<Step> steps;
        for (const Alteration& alteration : group) {
            if (const auto* drop = std::get_if<DropSync>(&alteration)) {
                append(steps, repeatable_steps(drop_sync(dialect_, drop->sync)));
            } else if (const auto* replace = std::get_if<ReplaceSync>(&alteration)) {
                append(steps, repeatable_steps(drop_sync(dialect_, replace->from)));
            } else if (const auto* unlink = std::get_if<DropLinkSync>(&alteration)) {
                append(steps, repeatable_steps(drop_link_sync(dialect_, unlink->sync)));
            } else if (const auto* relink = std::get_if<ReplaceLinkSync>(&alteration)) {
                append(steps, repeatable_steps(drop_link_sync(dialect_, relink->from)));
            }
        }
        append(steps, constraints(group));
        append(steps, columns_and_renames(group));
        for (std::size_t at = 0; at < group.size(); ++at) {
            append(steps, after_renames(group, at));
        }
        for (const Alteration& alteration : group) {
            if (const auto* create = std::get_if<CreateSync>(&alteration)) {
                append(steps, repeatable_steps(create_sync(dialect_, create->sync)));
            } else if (const auto* replace = std::get_if<ReplaceSync>(&alteration)) {
                append(steps, repeatable_steps(create_sync(dialect_, replace->to)));
            } else if (const auto* link = std::get_if<CreateLinkSync>(&alteration)) {
                append(steps, repeatable_steps(create_link_sync(dialect_, link->sync)));
            } else if (const auto* relink = std::get_if<ReplaceLinkSync>(&alteration)) {
                append(steps, repeatable_steps(create_link_sync(dialect_, relink->to)));
            }
        }
        return steps;
    }

    /// What the group itself adds is taken back by the action that added it.
    [[nodiscard]] std::vector<Step> constraints(const std::vector<Alteration>& group) const
    {
        std::vector<Step> steps;
        for (const Alteration& alteration : group) {
            if (const auto* drop = std::get_if<DropConstraint>(&alteration)) {
                if (!adds_constraint(name_of(drop->constraint))) {
                    append(steps, drop_constraint(dialect_, table_.name, drop->constraint));
                }
            } else if (const auto* rename = std::get_if<RenameConstraint>(&alteration)) {
                append(steps,
                       rename_constraint(dialect_, table_.name, rename->constraint, rename->to));
            }
        }
        return steps;
    }

    [[nodiscard]] bool adds_constraint(const std::string& name) const
    {
        return std::any_of(group_.begin(), group_.end(), [&name](const Alteration& alteration) {
            const auto* add = std::get_if<AddConstraint>(&alteration);
            return add != nullptr && name_of(add->constraint) == name;
        });
    }

    /// An index over other columns too would stay, without this one.
    [[nodiscard]] std::string dropped_indexes(const std::string& column) const
    {
        std::string text;
        for (const Index& index : table_.indexes) {
            const bool uses =
                std::any_of(index.parts.begin(), index.parts.end(),
                            [&column](const IndexPart& part) { return part.column == column; });
            text += uses && index.parts.size() > 1 ? ", DROP INDEX " + dialect_.quote(index.name)
                                                   : std::string();
        }
        return text;
    }

    [[nodiscard]] std::vector<Step> columns_and_renames(const std::vector<Alteration>& group) const
    {
        std::vector<Step> steps;
        Renames columns;
        Renames indexes;
        for (const Alteration& alteration : group) {
            if (const auto* add = std::get_if<AddColumn>(&alteration)) {
                steps.push_back({alter("ADD COLUMN " + column_definition(dialect_, add->column) +
                                       ", ALGORITHM=INSTANT"),
                                 has_column(dialect_, table_.name, add->column.name), false});
                append(steps, grant_steps(dialect_, table_.name, add->column));
            } else if (const auto* drop = std::get_if<DropColumn>(&alteration)) {
                append(steps, revoke_steps(dialect_, table_.name, drop->column));
                const char* online = dialect_.server().is_mariadb ? ", LOCK=NONE" : "";
                steps.push_back({alter("DROP COLUMN " + dialect_.quote(drop->column.name) +
                                       dropped_indexes(drop->column.name) + online),
                                 lacks_column(dialect_, table_.name, drop->column.name), false});
            } else if (const auto* rename = std::get_if<RenameColumn>(&alteration)) {
                columns.emplace_back(rename->from, rename->to);
            } else if (const auto* index = std::get_if<RenameIndex>(&alteration)) {
                indexes.emplace_back(index->from, index->to);
            }
        }
        if (!columns.empty() || !indexes.empty()) {
            steps.push_back(renames(columns, indexes));
        }
        return steps;
    }

    /// One statement: all names change at once, or none.
    [[nodiscard]] Step renames(const Renames& columns, const Renames& indexes) const
    {
        std::string text;
        for (const auto& [from, to] : columns) {
            text += "RENAME COLUMN " + dialect_.quote(from) + " TO " + dialect_.quote(to) + ", ";
        }
        for (const auto& [from, to] : indexes) {
            text += "RENAME INDEX " + dialect_.quote(from) + " TO " + dialect_.quote(to) + ", ";
        }
        const bool is_instant = indexes.empty() || dialect_.server().is_mariadb;
        return {alter(text + (is_instant ? "ALGORITHM=INSTANT" : "ALGORITHM=INPLACE, LOCK=NONE")),
                are_renamed(dialect_, table_.name, columns, indexes), false};
    }

    /// A column's default and its new name cannot be said in one ALTER TABLE.
    [[nodiscard]] std::vector<Step> after_renames(const std::vector<Alteration>& group,
                                                  std::size_t at) const
    {
        if (const auto* set = std::get_if<SetDefault>(&group[at])) {
            const std::string column = dialect_.quote(name_at_end(group, at, set->column.name));
            const std::string value =
                set->to ? " SET DEFAULT " + default_value(dialect_, *set->to) : " DROP DEFAULT";
            return {{alter("ALTER COLUMN " + column + value + ", ALGORITHM=INSTANT"), "", true}};
        }
        if (const auto* set = std::get_if<SetComment>(&group[at])) {
            Column column = set->column;
            column.comment = set->to;
            const char* how = dialect_.server().is_mariadb ? ", ALGORITHM=INSTANT"
                                                           : ", ALGORITHM=INPLACE, LOCK=NONE";
            return {{alter("MODIFY " + column_definition(dialect_, column) + how), "", true}};
        }
        return {};
    }

    const MysqlDialect& dialect_;
    const std::vector<Alteration>& group_;
    const Table& table_;
};

void refuse_old_server(const MysqlDialect& dialect, const std::vector<Alteration>& group)
{
    const Server& server = dialect.server();
    const int needed = server.is_mariadb ? 100502 : 80000;
    const bool renames = has<RenameColumn>(group) || has<RenameIndex>(group);
    if (renames && server.version < needed) {
        throw Error(ErrorKind::refused,
                    std::string("this server cannot rename a column without rebuilding the table; "
                                "that needs ") +
                        (server.is_mariadb ? "MariaDB 10.5.2" : "MySQL 8.0"),
                    {.hint = "Update the server, or write the phases out by hand: `sluice new "
                             "sql`."});
    }
}

/// Measured on MariaDB 10.11: AUTO_INCREMENT comes to a column that is there by ALGORITHM=COPY
/// alone, so that it could not come back where it was taken off either.
void refuse_identity(const MysqlDialect& dialect, const std::vector<Alteration>& group)
{
    for (const Alteration& alteration : group) {
        if (const auto* set = std::get_if<SetIdentity>(&alteration)) {
            const std::string engine = dialect.server().is_mariadb ? "MariaDB" : "MySQL";
            throw Error(ErrorKind::refused,
                        engine + " gives column \"" + set->from.name + "\" of table \"" +
                            display(set->table) +
                            "\" AUTO_INCREMENT, there or on the way back, only by copying the "
                            "whole table while nobody may write",
                        {.hint = "Give the rows a new table with kind = \"copy_table\", whose "
                                 "column says `identity`."});
        }
    }
}

/// Measured on MariaDB 10.11: with such an index no column comes or goes INSTANT, and INPLACE wants
/// LOCK=SHARED.
void refuse_fulltext(const Table& table, const std::vector<Alteration>& group)
{
    const auto found = std::find_if(table.indexes.begin(), table.indexes.end(),
                                    [](const Index& index) { return index.method == "fulltext"; });
    const bool rebuilds =
        has<AddColumn>(group) || has<DropColumn>(group) || has<SetNullability>(group);
    if (rebuilds && found != table.indexes.end()) {
        throw Error(ErrorKind::refused,
                    "table \"" + table.name.name + "\" has the FULLTEXT index \"" + found->name +
                        "\", with which no column can be added, dropped or made NOT NULL without "
                        "shutting writers out",
                    {.hint = "Drop the index with drop_index in an earlier migration, and make it "
                             "again for a time at which writers may wait, with phases of your "
                             "own: `sluice new sql`."});
    }
}

} // namespace

std::vector<Rendered> MysqlDialect::render(const std::vector<Alteration>& group,
                                           const Table& table) const
{
    if (is_about_tables(group)) {
        return render_tables(*this, group);
    }
    refuse_old_server(*this, group);
    refuse_fulltext(table, group);
    refuse_identity(*this, group);
    return Renderer(*this, group, table).run();
}

} // namespace sluice
