#include "sluice/db/mysql/nullability.h"

#include "sluice/core/error.h"
#include "sluice/db/mysql/table_ddl.h"
#include "sluice/db/renaming.h"
#include "sluice/db/render_parts.h"

#include <algorithm>

namespace sluice::mysql {

namespace {

bool changes(const SetNullability& a)
{
    return a.column.nullable != (a.to == Nullability::nullable);
}

} // namespace

Rendered NullabilityActions::made() const
{
    Rendered rendered;
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.tables = {table_.name};
    return rendered;
}

/// The definition that a column has when the group begins.
Column NullabilityActions::definition_at_start(const SetNullability& a, std::size_t at) const
{
    const std::string start = name_at_start(group_, at, a.column.name);
    const auto found =
        std::find_if(table_.columns.begin(), table_.columns.end(),
                     [&start](const Column& column) { return column.name == start; });
    Column column = found == table_.columns.end() ? a.column : *found;
    column.name = start;
    return column;
}

Column NullabilityActions::definition_at_end(const SetNullability& a, std::size_t at) const
{
    Column column = definition_at_start(a, at);
    column.name = name_at_end(group_, at, a.column.name);
    for (std::size_t n = 0; n < group_.size(); ++n) {
        const auto* set = std::get_if<SetDefault>(&group_[n]);
        if (set != nullptr && name_at_end(group_, n, set->column.name) == column.name) {
            column.default_sql = set->to;
        }
    }
    return column;
}

/// MariaDB copies the table, with writers shut out, to make a TIMESTAMP NOT NULL.
void NullabilityActions::refuse_blocking(const Column& column) const
{
    if (column.type.family == TypeFamily::timestamp_tz) {
        throw Error(ErrorKind::refused,
                    "column \"" + column.name + "\" of table \"" + table_.name.name +
                        "\" is a TIMESTAMP, which MariaDB cannot make NOT NULL while the "
                        "application writes",
                    {.hint = "Let it be NULL in an earlier migration (ALTER TABLE … MODIFY … "
                             "NULL), and make it NOT NULL when writers may wait, with phases "
                             "of your own: `sluice new sql`."});
    }
}

/// Measured on MariaDB 10.11: with a stored generated column in the table, it knows COPY alone.
void NullabilityActions::refuse_copy() const
{
    const auto stored =
        std::find_if(table_.columns.begin(), table_.columns.end(), [](const Column& column) {
            return column.generated && !column.settings.empty();
        });
    if (dialect_.server().is_mariadb && stored != table_.columns.end()) {
        throw Error(ErrorKind::refused,
                    "table \"" + table_.name.name + "\" has the stored generated column \"" +
                        stored->name +
                        "\", with which MariaDB makes no column NOT NULL, or NULL, without "
                        "shutting writers out",
                    {.hint = "Make that column VIRTUAL in an earlier migration, or leave the "
                             "column's NOT NULL as it is."});
    }
}

/// All columns in one statement: it rebuilds the table once.
std::vector<Step> NullabilityActions::modify(const std::vector<Column>& columns) const
{
    if (columns.empty()) {
        return {};
    }
    refuse_copy();
    std::string text;
    std::vector<Step> steps;
    for (const Column& column : columns) {
        text += "MODIFY " + column_definition(dialect_, column) + ", ";
        if (!column.nullable && dialect_.server().is_mariadb) {
            refuse_blocking(column);
            steps.push_back({require_no_null(dialect_, table_, column.name), {}, true});
        }
    }
    steps.push_back({"ALTER TABLE " + dialect_.quote(table_.name) + " " +
                         (text + "ALGORITHM=INPLACE, LOCK=NONE"),
                     have_nullability(dialect_, table_.name, columns), false});
    return steps;
}

Rendered NullabilityActions::action() const
{
    std::vector<Column> forward;
    std::vector<Column> back;
    std::vector<Alteration> described;
    for (std::size_t at = 0; at < group_.size(); ++at) {
        const auto* set = std::get_if<SetNullability>(&group_[at]);
        if (set == nullptr || !changes(*set)) {
            continue;
        }
        Column column = definition_at_start(*set, at);
        // Where on_undo() was not reached: otherwise it has done this already.
        back.push_back(column);
        if (!has<RenameColumn>(group_)) {
            // Some statements want the default as soon as the column is NOT NULL.
            column.default_sql = definition_at_end(*set, at).default_sql;
        }
        column.nullable = set->to == Nullability::nullable;
        forward.push_back(column);
        described.push_back(SetNullability{table_.name, column, set->to});
    }
    Rendered rendered = made();
    rendered.summary = summary_of(described);
    rendered.lock = "metadata lock on " + display(table_.name) +
                    " at start and end, brief; writes go on while the table is rebuilt";
    rendered.steps = modify(forward);
    rendered.undo = modify(back);
    return rendered;
}

Rendered NullabilityActions::on_undo() const
{
    std::vector<Column> relaxed;
    std::vector<Column> required;
    std::vector<Alteration> described;
    for (std::size_t at = 0; at < group_.size(); ++at) {
        const auto* set = std::get_if<SetNullability>(&group_[at]);
        if (set == nullptr || !changes(*set) || set->to == Nullability::not_null) {
            continue;
        }
        Column column = definition_at_end(*set, at);
        column.nullable = true;
        relaxed.push_back(column);
        column.nullable = false;
        required.push_back(column);
        described.push_back(SetNullability{table_.name, column, Nullability::not_null});
    }
    Rendered rendered = made();
    rendered.summary = summary_of(described);
    rendered.steps = modify(relaxed);
    rendered.undo = modify(required);
    return for_way_back(std::move(rendered));
}

} // namespace sluice::mysql
