#include "sluice/core/error.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/postgresql/constraint_ddl.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/postgresql/key_ddl.h"
#include "sluice/db/postgresql/link_sync.h"
#include "sluice/db/postgresql/nullability.h"
#include "sluice/db/postgresql/partitioned_index.h"
#include "sluice/db/postgresql/sync.h"
#include "sluice/db/postgresql/table_ddl.h"
#include "sluice/db/postgresql/table_render.h"
#include "sluice/db/postgresql/there_and_back.h"
#include "sluice/db/renaming.h"
#include "sluice/db/render_parts.h"

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

using postgresql::build_index;
using postgresql::build_partitioned_index;
using postgresql::column_definition;
using postgresql::create_sync;
using postgresql::drop_constraint_if_there;
using postgresql::drop_sync;
using postgresql::not_null_check;
using postgresql::remove_index;
using postgresql::remove_partitioned_index;
using postgresql::rename_in_partitions;
using postgresql::replace_sync;

/// A group becomes, in this order: what can be prepared beside a working application (indexes,
/// validated checks); one transaction with all that shows; the new triggers, where nothing shows
/// with them; and the preparations for the way back, which undo takes first.
class Renderer {
public:
    Renderer(const PostgresqlDialect& dialect, const std::vector<Alteration>& group,
             const Table& table)
        : dialect_(dialect)
        , group_(group)
        , table_(table)
        , is_swap_(has<RenameColumn>(group) || has<ReplaceSync>(group))
    {
        main_.tables = tables_of(table.name, group);
        main_.is_main = true;
    }

    std::vector<Rendered> run()
    {
        for (at_ = 0; at_ < group_.size(); ++at_) {
            std::visit([this](const auto& alteration) { add(alteration); }, group_[at_]);
        }
        if (restored_.size() > 1 && !is_swap_) {
            after_.push_back(postgresql::require_all(dialect_, table_, restored_));
        }
        std::vector<Rendered> all = std::move(before_);
        if (!main_.steps.empty()) {
            main_.summary = summary_of(shown_);
            for (const TableName& table : main_.tables) {
                main_.lock +=
                    (main_.lock.empty() ? "ACCESS EXCLUSIVE on " : " and ") + display(table);
            }
            main_.lock += ", brief";
            for (auto steps = main_undo_.rbegin(); steps != main_undo_.rend(); ++steps) {
                main_.undo.insert(main_.undo.end(), steps->begin(), steps->end());
            }
            main_.steps = between(links_, std::move(main_.steps));
            main_.undo = between(links_back_, std::move(main_.undo));
            all.push_back(std::move(main_));
        }
        std::move(triggers_.begin(), triggers_.end(), std::back_inserter(all));
        std::move(after_.begin(), after_.end(), std::back_inserter(all));
        return all;
    }

private:
    using Statements = std::vector<std::string>;

    template <class Kind> void add(const Kind& a)
    {
        if constexpr (requires { postgresql::there_and_back(dialect_, a); }) {
            const auto [there, back] = postgresql::there_and_back(dialect_, a);
            show(there, back);
        } else {
            throw Error(ErrorKind::internal, "a group that alters a table is about tables as well");
        }
    }

    void add(const AddColumn& a)
    {
        Statements statements = {alter("ADD COLUMN " + column_definition(dialect_, a.column))};
        for (std::string& each : postgresql::column_attributes(dialect_, table_.name, a.column)) {
            statements.push_back(std::move(each));
        }
        show(statements, {alter("DROP COLUMN IF EXISTS " + dialect_.quote(a.column.name))});
    }

    void add(const DropColumn& a)
    {
        Statements statements = dropped_indexes(a.column.name);
        statements.push_back(alter("DROP COLUMN " + dialect_.quote(a.column.name)));
        show(statements, {alter("ADD COLUMN " + column_definition(dialect_, a.column))});
    }

    /// Those over other columns too, which go with this one: what goes is said.
    [[nodiscard]] Statements dropped_indexes(const std::string& column) const
    {
        Statements statements;
        for (const Index& index : table_.indexes) {
            const bool uses =
                std::any_of(index.parts.begin(), index.parts.end(),
                            [&column](const IndexPart& part) { return part.column == column; }) ||
                std::find(index.included.begin(), index.included.end(), column) !=
                    index.included.end();
            if (uses && !index.is_constraint && index.parts.size() + index.included.size() > 1) {
                statements.push_back("DROP INDEX IF EXISTS " +
                                     dialect_.quote(TableName{table_.name.schema, index.name}));
            }
        }
        return statements;
    }

    void add(const RenameColumn& a)
    {
        show({alter("RENAME COLUMN " + dialect_.quote(a.from) + " TO " + dialect_.quote(a.to))},
             {alter("RENAME COLUMN " + dialect_.quote(a.to) + " TO " + dialect_.quote(a.from))});
    }

    void add(const SetDefault& a)
    {
        show({set_default(a.column.name, a.to)}, {set_default(a.column.name, a.from)});
    }

    void add(const SetComment& a)
    {
        show({comment(a.column.name, a.to)}, {comment(a.column.name, a.column.comment)});
    }

    void add(const SetNullability& a)
    {
        if (a.column.nullable == (a.to == Nullability::nullable)) {
            return;
        }
        const std::string column = "ALTER COLUMN " + dialect_.quote(a.column.name);
        if (a.to == Nullability::not_null) {
            const std::string start = name_at_start(group_, at_, a.column.name);
            const std::string check = not_null_check(dialect_, start);
            before_.push_back(postgresql::add_not_null_check(dialect_, table_, start));
            before_.push_back(postgresql::validate_not_null_check(dialect_, table_, start));
            show({alter(column + " SET NOT NULL"), drop_constraint(check)},
                 {alter(column + " DROP NOT NULL")});
            return;
        }
        const std::string end = name_at_end(group_, at_, a.column.name);
        const std::string check = not_null_check(dialect_, end);
        show({alter(column + " DROP NOT NULL")},
             {alter(column + " SET NOT NULL"), drop_constraint(check)});
        after_.push_back(postgresql::validate_not_null_check_on_undo(dialect_, table_, end));
        after_.push_back(postgresql::add_not_null_check_on_undo(dialect_, table_, end));
    }

    void add(const CreateIndex& a)
    {
        const Index index = index_at_start(group_, at_, a.index);
        Rendered built = made(summary_of(group_[at_]));
        built.lock = "SHARE UPDATE EXCLUSIVE on " + display(table_.name) +
                     " while the index is built: nobody waits";
        built.mode = built.undo_mode = Mode::standalone;
        built.steps = built_index(index);
        built.undo = removed_index(index.name);
        before_.push_back(std::move(built));
        if (a.index.is_constraint) {
            Rendered attached = made("make a constraint of index \"" + index.name + "\"");
            attached.lock = "ACCESS EXCLUSIVE on " + display(table_.name) + ", brief";
            attached.steps = steps_of(postgresql::attach_unique(dialect_, table_.name, index));
            attached.undo = steps_of({drop_constraint_if_there(dialect_, table_.name, index.name)});
            before_.push_back(std::move(attached));
        }
    }

    void add(const DropIndex& a)
    {
        const std::string name = dialect_.quote(TableName{table_.name.schema, a.index.name});
        if (a.index.is_constraint) {
            show({drop_constraint(a.index.name)},
                 postgresql::attach_unique(dialect_, table_.name, a.index));
        } else {
            show({"DROP INDEX IF EXISTS " + name}, {});
        }
        rebuild_on_undo(a.index);
    }

    /// With its columns called as they are by then.
    void rebuild_on_undo(const Index& named_now)
    {
        const Index index = index_at_end(group_, at_, named_now);
        Rendered rebuilt = made(summary_of(CreateIndex{table_.name, index}));
        rebuilt.mode = rebuilt.undo_mode = Mode::standalone;
        rebuilt.steps = removed_index(index.name);
        rebuilt.undo = built_index(index);
        after_.push_back(for_way_back(std::move(rebuilt)));
    }

    void add(const RenameIndex& a)
    {
        show(index_renamed(a.from, a.to, a.is_constraint),
             index_renamed(a.to, a.from, a.is_constraint));
    }

    void add(const AddConstraint& a)
    {
        std::vector<Rendered> actions = postgresql::add_constraint(
            dialect_, table_, constraint_at_start(group_, at_, a.constraint, dialect_));
        std::move(actions.begin(), actions.end(), std::back_inserter(before_));
    }

    void add(const DropConstraint& a)
    {
        show({drop_constraint(name_of(a.constraint))}, {});
        restored_.push_back(constraint_at_end(group_, at_, a.constraint, dialect_));
        std::vector<Rendered> actions =
            postgresql::restore_constraint(dialect_, table_, restored_.back());
        std::move(actions.begin(), actions.end(), std::back_inserter(after_));
    }

    void add(const RenameConstraint& a)
    {
        show({rename_constraint(name_of(a.constraint), a.to)},
             {rename_constraint(a.to, name_of(a.constraint))});
    }

    void add(const AdoptConstraint& a)
    {
        show({rename_constraint(name_of(a.constraint), a.to)}, {drop_constraint(a.to)});
    }

    void add(const MovePrimaryKey& a)
    {
        show(postgresql::attach_primary_key(dialect_, table_.name, a.from, a.to.name),
             postgresql::attach_primary_key(dialect_, table_.name, a.from, a.kept));
        Index kept = a.from;
        kept.name = a.kept;
        rebuild_on_undo(kept);
        rebuild_on_undo(a.to);
    }

    void add(const CreateSync& a)
    {
        if (is_swap_) {
            show(create_sync(dialect_, a.sync), drop_sync(dialect_, a.sync));
            return;
        }
        Rendered triggers = made(summary_of(group_[at_]));
        triggers.lock = "SHARE ROW EXCLUSIVE on " + display(table_.name) +
                        ", brief: writers wait, readers do not";
        triggers.steps = steps_of(create_sync(dialect_, a.sync));
        triggers.undo = steps_of(drop_sync(dialect_, a.sync));
        triggers_.push_back(std::move(triggers));
    }

    void add(const DropSync& a)
    {
        show(drop_sync(dialect_, a.sync), create_sync(dialect_, a.sync));
    }

    void add(const ReplaceSync& a)
    {
        show(replace_sync(dialect_, a.from, a.to), replace_sync(dialect_, a.to, a.from));
    }

    void add(const CreateLinkSync& a)
    {
        triggers_.push_back(postgresql::link_triggers(dialect_, a.sync));
        triggers_.back().summary = summary_of(group_[at_]);
        for (const TableName& linked : linked_tables(group_[at_])) {
            if (linked != table_.name) {
                std::erase(main_.tables, linked); // of an action of its own
            }
        }
    }

    void add(const DropLinkSync& a)
    {
        show({}, {});
        links_ = postgresql::link_steps(dialect_, &a.sync, nullptr);
        links_back_ = postgresql::link_steps(dialect_, nullptr, &a.sync);
    }

    void add(const ReplaceLinkSync& a)
    {
        show({}, {});
        links_ = postgresql::link_steps(dialect_, &a.from, &a.to);
        links_back_ = postgresql::link_steps(dialect_, &a.to, &a.from);
    }

    void show(const Statements& statements, const Statements& undo)
    {
        const std::vector<Step> steps = steps_of(statements);
        main_.steps.insert(main_.steps.end(), steps.begin(), steps.end());
        main_undo_.push_back(steps_of(undo));
        shown_.push_back(group_[at_]);
    }

    [[nodiscard]] Rendered made(std::string summary) const
    {
        Rendered rendered;
        rendered.summary = std::move(summary);
        rendered.tables = {table_.name};
        return rendered;
    }

    [[nodiscard]] std::vector<Step> built_index(const Index& index) const
    {
        return table_.kind == TableKind::partitioned
                   ? build_partitioned_index(dialect_, table_, index)
                   : build_index(dialect_, table_.name, index);
    }

    [[nodiscard]] std::vector<Step> removed_index(const std::string& index) const
    {
        return table_.kind == TableKind::partitioned
                   ? remove_partitioned_index(dialect_, table_, index)
                   : remove_index(dialect_, table_.name, index);
    }

    [[nodiscard]] std::string alter(const std::string& what) const
    {
        return "ALTER TABLE " + dialect_.quote(table_.name) + " " + what;
    }

    [[nodiscard]] std::string comment(const std::string& column, const std::string& text) const
    {
        return "COMMENT ON COLUMN " + dialect_.quote(table_.name) + "." + dialect_.quote(column) +
               " IS " + (text.empty() ? "NULL" : dialect_.literal(text));
    }

    [[nodiscard]] std::string set_default(const std::string& column,
                                          const std::optional<std::string>& value) const
    {
        return alter("ALTER COLUMN " + dialect_.quote(column) +
                     (value ? " SET DEFAULT " + *value : " DROP DEFAULT"));
    }

    [[nodiscard]] Statements index_renamed(const std::string& from, const std::string& to,
                                           bool is_constraint) const
    {
        if (is_constraint) {
            return {rename_constraint(from, to)};
        }
        Statements statements{"ALTER INDEX " + dialect_.quote(TableName{table_.name.schema, from}) +
                              " RENAME TO " + dialect_.quote(to)};
        if (table_.kind == TableKind::partitioned) {
            statements.push_back(rename_in_partitions(dialect_, table_.name, from, to));
        }
        return statements;
    }

    [[nodiscard]] std::string rename_constraint(const std::string& from,
                                                const std::string& to) const
    {
        return alter("RENAME CONSTRAINT " + dialect_.quote(from) + " TO " + dialect_.quote(to));
    }

    [[nodiscard]] std::string drop_constraint(const std::string& name) const
    {
        return alter("DROP CONSTRAINT " + dialect_.quote(name));
    }

    const PostgresqlDialect& dialect_;
    const std::vector<Alteration>& group_;
    const Table& table_;
    bool is_swap_;
    std::size_t at_ = 0;
    std::vector<Rendered> before_;
    Rendered main_;
    std::vector<std::vector<Step>> main_undo_;
    std::vector<Alteration> shown_;
    postgresql::LinkSteps links_;
    postgresql::LinkSteps links_back_;
    std::vector<Rendered> triggers_;
    std::vector<Rendered> after_;
    std::vector<Constraint> restored_; ///< by the way back
};

} // namespace

std::vector<Rendered> PostgresqlDialect::render(const std::vector<Alteration>& group,
                                                const Table& table) const
{
    if (is_about_tables(group)) {
        return postgresql::render_tables(*this, group, table);
    }
    return Renderer(*this, group, table).run();
}

} // namespace sluice
