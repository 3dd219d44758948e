#include "sluice/db/tokens.h"
#include "sluice/plan/changes/outline.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

/// A column that the plan adds, or that means another type in one expression.
using NewColumns = std::vector<std::pair<std::string, Type>>;

/// The columns that the declared changes add to the table, where their types are known.
NewColumns added_columns(const Migration& migration, const Table& table, const Catalog& catalog,
                         const Dialect& dialect)
{
    NewColumns added;
    for (const Change& change : migration.changes) {
        const Table* changed = catalog.find(table_of(change));
        if (changed == nullptr || changed->name != table.name) {
            continue;
        }
        if (const auto* add = std::get_if<AddColumnChange>(&change.kind)) {
            added.emplace_back(add->column, dialect.parse_type(require_text(
                                                add->type, dialect, "`type`", change.location)));
        } else if (const auto* rename = std::get_if<RenameColumnChange>(&change.kind)) {
            if (const Column* column = table.find(rename->from)) {
                added.emplace_back(rename->to, column->type);
            }
        }
    }
    return added;
}

bool has(const NewColumns& columns, const std::string& name)
{
    return std::any_of(columns.begin(), columns.end(),
                       [&](const auto& column) { return column.first == name; });
}

/// No rows, with the columns of the table as an expression of the plan will see them.
std::string rows_of(const Table& table, const NewColumns& columns, const Dialect& dialect)
{
    std::string list;
    for (const Column& column : table.columns) {
        if (!has(columns, column.name)) {
            list += (list.empty() ? "" : ", ") + dialect.quote(column.name);
        }
    }
    for (const auto& [name, type] : columns) {
        list +=
            (list.empty() ? "" : ", ") + dialect.cast("NULL", type) + " AS " + dialect.quote(name);
    }
    return fmt::format("(SELECT {} FROM {} WHERE 1 = 0) AS {}", list, dialect.quote(table.name),
                       dialect.quote(table.name.name));
}

class Collector {
public:
    Collector(const Migration& migration, const Catalog& catalog, const Dialect& dialect)
        : migration_(migration), catalog_(catalog), dialect_(dialect)
    {
        made_ = names_made(migration.expand);
        made_after_contract_ = names_made(migration.contract);
        made_after_contract_.insert(made_after_contract_.end(), made_.begin(), made_.end());
    }

    std::vector<SyntaxProbe> take()
    {
        for (const Change& change : migration_.changes) {
            const Location& location = change.location;
            std::visit([&](const auto& kind) { visit(kind, location); }, change.kind);
        }
        add_steps(migration_.expand, "[[expand]]", made_);
        for (const BackfillStep& step : migration_.backfills) {
            add(step);
        }
        for (const VerifyStep& step : migration_.verifications) {
            condition(step.expect, "`expect`", source(step.table), step.location);
        }
        add_steps(migration_.contract, "[[contract]]", made_after_contract_);
        for (const EngineText& text : migration_.gate.conditions) {
            statement(text, "[gate] condition", {.file = migration_.file}, made_);
        }
        return std::move(probes_);
    }

private:
    template <class Kind> void visit(const Kind& kind, const Location& location)
    {
        if constexpr (MakesTable<Kind>) {
            add(kind, location);
        } else {
            add(kind, require_table(catalog_, kind.table, location), location);
        }
    }

    void add(const CreateTableChange& change, const Location& location)
    {
        for (const ColumnDefinition& column : change.columns) {
            add(column, location);
        }
    }

    void add(const ColumnDefinition& column, const Location& location)
    {
        const std::string of = fmt::format("of column \"{}\"", column.name);
        probe("SELECT " + null_of(column, location), "`type` " + of, location);
        value(column.default_sql, "`default` " + of, {}, location);
    }

    [[nodiscard]] std::string null_of(const ColumnDefinition& column,
                                      const Location& location) const
    {
        return dialect_.cast(
            "NULL", dialect_.parse_type(require_text(column.type, dialect_, "`type`", location)));
    }

    void add(const CopyTableChange& change, const Table& table, const Location& location)
    {
        const std::string old_rows = rows_of(table, {}, dialect_);
        std::string columns;
        for (const CopiedColumn& copied : change.columns) {
            const std::string of = fmt::format("of column \"{}\"", copied.column.name);
            add(copied.column, location);
            value(copied.value, "`value` " + of, old_rows, location);
            condition(copied.value_ok, "`value_ok` " + of, old_rows, location);
            columns += (columns.empty() ? "" : ", ") + null_of(copied.column, location) + " AS " +
                       dialect_.quote(copied.column.name);
        }
        for (const auto& [column, text] : change.downs) {
            value(text, fmt::format("`downs.{}`", column),
                  fmt::format("(SELECT {}) AS {}", columns, dialect_.quote(change.to.name)),
                  location);
        }
    }

    void add(const IntoColumn& into, const std::string& old_rows, const Location& location)
    {
        const std::string of = fmt::format("of column \"{}\"", into.name);
        probe("SELECT " + dialect_.cast("NULL", type_of(into, location)), "`type` " + of, location);
        value(into.default_sql, "`default` " + of, {}, location);
        value(into.up, "`up` " + of, old_rows, location);
        condition(into.up_ok, "`up_ok` " + of, old_rows, location);
    }

    [[nodiscard]] Type type_of(const IntoColumn& into, const Location& location) const
    {
        return dialect_.parse_type(require_text(into.type, dialect_, "`type`", location));
    }

    void add(const SplitColumnChange& change, const Table& table, const Location& location)
    {
        NewColumns news;
        for (const IntoColumn& into : change.into) {
            add(into, rows_of(table, {}, dialect_), location);
            news.emplace_back(into.name, type_of(into, location));
        }
        const std::string rows = rows_of(table, news, dialect_);
        value(change.down, "`down`", rows, location);
        condition(change.down_ok, "`down_ok`", rows, location);
    }

    void add(const MergeColumnsChange& change, const Table& table, const Location& location)
    {
        add(change.into, rows_of(table, {}, dialect_), location);
        const std::string rows =
            rows_of(table, {{change.into.name, type_of(change.into, location)}}, dialect_);
        for (const auto& [column, text] : change.downs) {
            value(text, fmt::format("`downs.{}`", column), rows, location);
        }
    }

    void add(const AddColumnChange& change, const Table& table, const Location& location)
    {
        const std::string rows = rows_of(table, {}, dialect_);
        const std::string of = fmt::format("of column \"{}\"", change.column);
        const Type type =
            dialect_.parse_type(require_text(change.type, dialect_, "`type`", location));
        probe("SELECT " + dialect_.cast("NULL", type), "`type` " + of, location);
        value(change.default_sql, "`default` " + of, {}, location);
        value(change.up, "`up` " + of, rows, location);
        condition(change.up_ok, "`up_ok` " + of, rows, location);
    }

    void add(const ChangeColumnChange& change, const Table& table, const Location& location)
    {
        const Column& column = require_column(table, change.column, location);
        const std::string of = fmt::format("of column \"{}\"", change.column);
        Type type = column.type;
        if (change.type) {
            type = dialect_.parse_type(require_text(*change.type, dialect_, "`type`", location));
            probe("SELECT " + dialect_.cast("NULL", type), "`type` " + of, location);
        }
        const std::string before = rows_of(table, {}, dialect_);
        const std::string after = rows_of(table, {{column.name, type}}, dialect_);
        value(change.default_sql, "`default` " + of, {}, location);
        value(change.up, "`up` " + of, before, location);
        condition(change.up_ok, "`up_ok` " + of, before, location);
        value(change.down, "`down` " + of, after, location);
        condition(change.down_ok, "`down_ok` " + of, after, location);
    }

    void add(const DropColumnChange& change, const Table& table, const Location& location)
    {
        const std::string rows = rows_of(table, {}, dialect_);
        const std::string of = fmt::format("of column \"{}\"", change.column);
        value(change.down, "`down` " + of, rows, location);
        condition(change.down_ok, "`down_ok` " + of, rows, location);
        value(change.undo_fill, "`undo_fill` " + of, rows, location);
    }

    void add(const AddIndexChange& change, const Table& table, const Location& location)
    {
        const std::string rows = rows_of(table, {}, dialect_);
        condition(change.where, fmt::format("`where` of index \"{}\"", change.name), rows,
                  location);
    }

    void add(const AddCheckChange& change, const Table& table, const Location& location)
    {
        condition(change.check, fmt::format("`check` of \"{}\"", change.name),
                  rows_of(table, {}, dialect_), location);
    }

    void add(const PurgeRowsChange& change, const Table& table, const Location& location)
    {
        condition(change.where, "`where`", rows_of(table, {}, dialect_), location);
    }

    /// Any other kind holds no SQL.
    template <class Kind>
    void add(const Kind& /*change*/, const Table& /*unused*/, const Location& /*unused*/)
    {
    }

    void add(const BackfillStep& step)
    {
        const std::string rows = source(step.table);
        for (const auto& [column, text] : step.set) {
            value(text, fmt::format("`set.{}`", column), rows, step.location);
        }
        condition(step.where, "`where`", rows, step.location);
    }

    void add_steps(const std::vector<SqlStep>& steps, const std::string& section,
                   const std::vector<std::string>& made)
    {
        for (const SqlStep& step : steps) {
            statement(step.sql, section + " sql", step.location, made);
            statement(step.undo, section + " undo", step.location, made_after_contract_);
            statement(step.done, section + " done", step.location, made_after_contract_);
        }
    }

    [[nodiscard]] std::vector<std::string> names_made(const std::vector<SqlStep>& steps) const
    {
        std::vector<std::string> made;
        for (const SqlStep& step : steps) {
            const std::string sql = require_text(step.sql, dialect_, "sql", step.location);
            for (std::string& name : names_in(sql, dialect_.server().engine)) {
                made.push_back(std::move(name));
            }
        }
        return made;
    }

    /// What the expressions of a written-out step are evaluated over.
    [[nodiscard]] std::string source(const TableName& name) const
    {
        const Table* table = catalog_.find(name);
        return table == nullptr
                   ? dialect_.quote(name)
                   : rows_of(*table, added_columns(migration_, *table, catalog_, dialect_),
                             dialect_);
    }

    void value(const std::optional<EngineText>& text, const std::string& what,
               const std::string& rows, const Location& location)
    {
        const auto sql = optional_text(text, dialect_, what, location);
        if (sql) {
            probe(fmt::format("SELECT ({}){}{}", *sql, rows.empty() ? "" : " FROM ", rows), what,
                  location);
        }
    }

    void condition(const std::optional<EngineText>& text, const std::string& what,
                   const std::string& rows, const Location& location)
    {
        const auto sql = optional_text(text, dialect_, what, location);
        if (sql) {
            probe(fmt::format("SELECT 1 FROM {} WHERE ({})", rows, *sql), what, location);
        }
    }

    void statement(const std::optional<EngineText>& text, const std::string& what,
                   const Location& location, const std::vector<std::string>& made)
    {
        const auto sql = optional_text(text, dialect_, what, location);
        if (sql && !tokenize(*sql, dialect_.server().engine).empty()) {
            probes_.push_back(
                {.sql = *sql, .what = what, .location = location, .made_by_plan = made});
        }
    }

    void probe(const std::string& sql, const std::string& what, const Location& location)
    {
        probes_.push_back({.sql = sql, .what = what, .location = location, .made_by_plan = made_});
    }

    const Migration& migration_;
    const Catalog& catalog_;
    const Dialect& dialect_;
    std::vector<std::string> made_;                ///< by the file's own expand statements
    std::vector<std::string> made_after_contract_; ///< and by its contract statements
    std::vector<SyntaxProbe> probes_;
};

} // namespace

std::vector<SyntaxProbe> syntax_probes(const Migration& migration, const Catalog& catalog,
                                       const Dialect& dialect)
{
    return Collector(migration, catalog, dialect).take();
}

} // namespace sluice
