#include "sluice/db/mysql/table_render.h"

#include "sluice/core/error.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/mysql/link_sync.h"
#include "sluice/db/mysql/table_ddl.h"
#include "sluice/db/mysql/table_sync.h"
#include "sluice/db/render_parts.h"

namespace sluice::mysql {

namespace {

using Steps = std::vector<Step>;
using Statements = std::vector<std::string>;

std::string columns_of(const MysqlDialect& dialect, const Table& table)
{
    std::string columns;
    for (const Column& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column_definition(dialect, column);
    }
    const std::string key = dialect.quote_list(table.primary_key);
    return columns + (key.empty() ? "" : ", PRIMARY KEY (" + key + ")") +
           foreign_keys_of(dialect, table);
}

std::string create_view(const MysqlDialect& dialect, const TableName& name, const Alias& alias)
{
    return "CREATE OR REPLACE SQL SECURITY INVOKER VIEW " + dialect.quote(name) + " AS SELECT " +
           dialect.quote_list(alias.columns) + " FROM " + dialect.quote(alias.table);
}

std::string drop_view(const MysqlDialect& dialect, const TableName& name)
{
    return "DROP VIEW IF EXISTS " + dialect.quote(name);
}

struct Render {
    const MysqlDialect& dialect;

    Steps operator()(const CreateTable& a) const
    {
        const Table& table = a.definition;
        Steps steps = {{"CREATE TABLE " + dialect.quote(table.name) + " (" +
                            columns_of(dialect, table) + ") ENGINE=InnoDB",
                        is_table(dialect, table.name), false}};
        for (const Index& index : table.indexes) {
            steps.push_back({create_index(dialect, table.name, index),
                             has_index(dialect, table.name, index.name), false});
        }
        return steps;
    }

    Steps operator()(const DropTable& a) const
    {
        return {{"DROP TABLE IF EXISTS " + dialect.quote(a.definition.name), "", true}};
    }

    Steps operator()(const RenameTable& a) const
    {
        // Unlike RENAME TABLE it may stand under LOCK TABLES on every version.
        return {{"ALTER TABLE " + dialect.quote(a.table) + " RENAME TO " + dialect.quote(a.to),
                 is_table(dialect, a.to), false}};
    }

    Steps operator()(const CreateAlias& a) const
    {
        return {{create_view(dialect, a.alias.name, a.alias), "", true}};
    }

    Steps operator()(const DropAlias& a) const
    {
        return {{drop_view(dialect, a.alias.name), "", true}};
    }

    /// In their place: before and after the rest.
    Steps operator()(const CreateTableSync& /*after*/) const { return {}; }

    Steps operator()(const DropTableSync& /*before*/) const { return {}; }

    Steps operator()(const ReplaceTableSync& /*both*/) const { return {}; }

    Steps operator()(const CreateLinkSync& /*after*/) const { return {}; }

    Steps operator()(const DropLinkSync& /*before*/) const { return {}; }

    Steps operator()(const ReplaceLinkSync& /*both*/) const { return {}; }

    template <class Other> Steps operator()(const Other& /*of a column*/) const
    {
        throw Error(ErrorKind::internal, "a group about tables alters one as well");
    }
};

template <class Kind> const Kind* find(const std::vector<Alteration>& group)
{
    for (const Alteration& alteration : group) {
        if (const auto* found = std::get_if<Kind>(&alteration)) {
            return found;
        }
    }
    return nullptr;
}

TableName aside(const MysqlDialect& dialect, const char* prefix, const TableName& table)
{
    return {table.schema, reserved_name(prefix, table.name, dialect.longest_name())};
}

/// The table and the view that lends it the other name change places: one RENAME TABLE, so that at
/// no time either name is missing. The new view is made before it, over the old one, and told once
/// more what it is over: it would go on being spelled as a view of a view. A change of places the
/// other way that died may have left its own new view.
Steps change_places(const MysqlDialect& dialect, const RenameTable& rename, const DropAlias& before,
                    const CreateAlias& after)
{
    const TableName next = aside(dialect, "sluice_new_", after.alias.name);
    const TableName last = aside(dialect, "sluice_kept_", before.alias.name);
    const std::string done = is_table(dialect, rename.to);
    return {{create_view(dialect, next, after.alias), done, false},
            {"RENAME TABLE " + dialect.quote(before.alias.name) + " TO " + dialect.quote(last) +
                 ", " + dialect.quote(rename.table) + " TO " + dialect.quote(rename.to) + ", " +
                 dialect.quote(next) + " TO " + dialect.quote(after.alias.name),
             done, false},
            {create_view(dialect, after.alias.name, after.alias), "", true},
            {drop_view(dialect, last), "", true},
            {drop_view(dialect, aside(dialect, "sluice_new_", before.alias.name)), "", true}};
}

void append(Steps& to, const Steps& steps)
{
    to.insert(to.end(), steps.begin(), steps.end());
}

/// What is about to get its old name back is given its triggers before, under the name that it has.
Steps given_first(const MysqlDialect& dialect, const Statements& statements, const TableName& name)
{
    Steps steps;
    for (const std::string& statement : statements) {
        steps.push_back({statement, is_table(dialect, name), false});
    }
    return steps;
}

Steps ended(const MysqlDialect& dialect, const ReplaceLinkSync& replace, const RenameTable* rename)
{
    Steps steps = repeatable_steps(drop_link_sync(dialect, replace.from));
    const TableName& from = replace.to.from.name;
    if (replace.to.direction != LinkDirection::reverse && rename != nullptr) {
        append(
            steps,
            given_first(dialect, create_link_side(dialect, replace.to, from, rename->table), from));
    }
    return steps;
}

/// Where the old table is about to get its name back, it is given its triggers first: they go with
/// it, and after the renaming LOCK TABLES does not hold it any more.
Steps ended(const MysqlDialect& dialect, const Alteration& alteration, const RenameTable* rename)
{
    if (const auto* drop = std::get_if<DropTableSync>(&alteration)) {
        return repeatable_steps(drop_table_sync(dialect, drop->sync));
    }
    if (const auto* linked = std::get_if<DropLinkSync>(&alteration)) {
        return repeatable_steps(drop_link_sync(dialect, linked->sync));
    }
    if (const auto* linked = std::get_if<ReplaceLinkSync>(&alteration)) {
        return ended(dialect, *linked, rename);
    }
    const auto* replace = std::get_if<ReplaceTableSync>(&alteration);
    if (replace == nullptr) {
        return {};
    }
    Steps steps = repeatable_steps(drop_table_sync(dialect, replace->from));
    const TableName& from = replace->to.from.name;
    if (replace->to.direction != TableSyncDirection::reverse && rename != nullptr) {
        append(steps,
               given_first(dialect, create_side(dialect, replace->to, from, rename->table), from));
    }
    return steps;
}

Steps begun(const MysqlDialect& dialect, const Alteration& alteration)
{
    if (const auto* linked = std::get_if<ReplaceLinkSync>(&alteration)) {
        const TableName& to = linked->to.to.name;
        return repeatable_steps(create_link_side(dialect, linked->to, to, to));
    }
    if (const auto* linked = std::get_if<CreateLinkSync>(&alteration)) {
        return repeatable_steps(create_link_sync(dialect, linked->sync));
    }
    if (const auto* replace = std::get_if<ReplaceTableSync>(&alteration)) {
        const TableName& to = replace->to.to.name;
        return repeatable_steps(create_side(dialect, replace->to, to, to));
    }
    const auto* create = std::get_if<CreateTableSync>(&alteration);
    if (create == nullptr) {
        return {};
    }
    const TableName& from = create->sync.from.name;
    const TableName& to = create->sync.to.name;
    Steps steps = repeatable_steps(create_side(dialect, create->sync, from, from));
    append(steps, repeatable_steps(create_side(dialect, create->sync, to, to)));
    if (create->sync.shares_numbers) {
        append(steps, repeatable_steps({share_numbers(dialect, create->sync)}));
    }
    return steps;
}

Steps rendered(const MysqlDialect& dialect, const std::vector<Alteration>& group)
{
    const auto* rename = find<RenameTable>(group);
    const auto* before = find<DropAlias>(group);
    const auto* after = find<CreateAlias>(group);
    if (rename != nullptr && before != nullptr && after != nullptr) {
        return change_places(dialect, *rename, *before, *after);
    }
    Steps steps;
    for (const Alteration& alteration : group) {
        append(steps, ended(dialect, alteration, rename));
    }
    for (const Alteration& alteration : group) {
        append(steps, std::visit(Render{dialect}, alteration));
    }
    for (const Alteration& alteration : group) {
        append(steps, begun(dialect, alteration));
    }
    return steps;
}

/// The triggers of two tables change together with the name of one.
bool is_swap(const std::vector<Alteration>& group)
{
    return (has<ReplaceTableSync>(group) || has<ReplaceLinkSync>(group)) && has<RenameTable>(group);
}

std::string lock_of(const std::vector<Alteration>& group)
{
    const auto* rename = find<RenameTable>(group);
    const auto* drop = find<DropTable>(group);
    if (is_swap(group)) {
        return "WRITE on both tables, brief: readers and writers wait";
    }
    std::string parents;
    for (const TableName& parent : referred_to(group)) {
        parents += " and " + display(parent);
    }
    if (has<CreateTableSync>(group) || has<CreateLinkSync>(group)) {
        return "metadata lock on both tables" + parents + ", brief";
    }
    if (rename == nullptr && drop == nullptr) {
        return {};
    }
    return "metadata lock on " +
           display(rename != nullptr ? rename->table : drop->definition.name) + parents + ", brief";
}

} // namespace

std::vector<Rendered> render_tables(const MysqlDialect& dialect,
                                    const std::vector<Alteration>& group)
{
    const Mode mode = is_swap(group) ? Mode::locked : Mode::standalone;
    return {{.summary = summary_of(group),
             .mode = mode,
             .steps = rendered(dialect, group),
             .undo_mode = mode,
             .undo = has<DropTable>(group) ? Steps() : rendered(dialect, invert(group)),
             .tables = tables_in(group),
             .lock = lock_of(group),
             .is_main = true}};
}

} // namespace sluice::mysql
