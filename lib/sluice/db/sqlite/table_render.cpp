#include "sluice/db/sqlite/table_render.h"

#include "sluice/core/error.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/render_parts.h"
#include "sluice/db/sqlite/link_sync.h"
#include "sluice/db/sqlite/table_sync.h"

namespace sluice::sqlite {

namespace {

using Statements = std::vector<std::string>;

std::string default_clause(const SqliteDialect& dialect, const Column& column)
{
    if (!column.default_sql) {
        return {};
    }
    const std::string& value = *column.default_sql;
    const bool is_bare = dialect.is_constant(value) || (!value.empty() && value.front() == '(');
    return " DEFAULT " + (is_bare ? value : "(" + value + ")");
}

/// What numbers itself is the rowid under another name: of this type, and the key by itself.
std::string identity(const SqliteDialect& dialect, const Table& table, const Column& column)
{
    const bool is_key = table.primary_key == std::vector<std::string>{column.name};
    if (!is_key || column.type.family != TypeFamily::integer) {
        throw Error(ErrorKind::refused,
                    "column \"" + column.name + "\" of table \"" + table.name.name +
                        "\" is to number itself, which SQLite's rowid does as the only column of "
                        "the primary key, of type INTEGER",
                    {.hint = "Make it primary_key = [\"" + column.name +
                             "\"] of type INTEGER, or leave out `identity`."});
    }
    return dialect.quote(column.name) + " INTEGER PRIMARY KEY";
}

std::string definition(const SqliteDialect& dialect, const Table& table, const Column& column)
{
    if (column.is_identity) {
        return identity(dialect, table, column);
    }
    std::string text = dialect.quote(column.name) + " " + column.type.sql;
    text += column.collation.empty() ? "" : " COLLATE " + dialect.quote(column.collation);
    text += column.nullable ? "" : " NOT NULL";
    return text + default_clause(dialect, column);
}

bool has_identity(const Table& table)
{
    for (const Column& column : table.columns) {
        if (column.is_identity) {
            return true;
        }
    }
    return false;
}

std::string part_sql(const SqliteDialect& dialect, const IndexPart& part)
{
    std::string text = part.column.empty() ? part.expression : dialect.quote(part.column);
    text += part.collation.empty() ? "" : " COLLATE " + dialect.quote(part.collation);
    return text + (part.descending ? " DESC" : "");
}

void refuse_unknown_parts(const Index& index)
{
    if (!index.included.empty()) {
        refuse_index(index, "has columns in INCLUDE", "SQLite",
                     "Name them last in `columns`, where it is not unique.");
    }
    if (!index.method.empty() || index.nulls_not_distinct) {
        refuse_index(index, "has a method or NULLS NOT DISTINCT", "SQLite",
                     "Leave that out here: give it by engine.");
    }
    for (const IndexPart& part : index.parts) {
        if (part.prefix > 0 || !part.opclass.empty() || !part.nulls.empty()) {
            refuse_index(index, "has a prefix, an operator class or NULLS FIRST or LAST", "SQLite",
                         "Leave that out here: give `columns` by engine.");
        }
    }
}

struct Render {
    const SqliteDialect& dialect;

    Statements operator()(const CreateTable& a) const
    {
        const Table& table = a.definition;
        std::string columns;
        for (const Column& column : table.columns) {
            columns += (columns.empty() ? "" : ", ") + definition(dialect, table, column);
        }
        const bool has_key = !table.primary_key.empty() && !has_identity(table);
        columns += has_key ? ", PRIMARY KEY (" + dialect.quote_list(table.primary_key) + ")" : "";
        columns += foreign_keys_of(dialect, table);
        Statements statements = {"CREATE TABLE " + dialect.quote(table.name.name) + " (" + columns +
                                 ")"};
        for (const Index& index : table.indexes) {
            statements.push_back(create_index(dialect, table.name, index));
        }
        return statements;
    }

    Statements operator()(const DropTable& a) const
    {
        return {"DROP TABLE IF EXISTS " + dialect.quote(a.definition.name.name)};
    }

    Statements operator()(const RenameTable& a) const
    {
        return {"ALTER TABLE " + dialect.quote(a.table.name) + " RENAME TO " +
                dialect.quote(a.to.name)};
    }

    /// In their place: before and after the rest.
    Statements operator()(const CreateTableSync& /*after*/) const { return {}; }

    Statements operator()(const DropTableSync& /*before*/) const { return {}; }

    Statements operator()(const ReplaceTableSync& /*both*/) const { return {}; }

    Statements operator()(const CreateLinkSync& /*after*/) const { return {}; }

    Statements operator()(const DropLinkSync& /*before*/) const { return {}; }

    Statements operator()(const ReplaceLinkSync& /*both*/) const { return {}; }

    template <class Other> Statements operator()(const Other& /*not here*/) const
    {
        throw Error(ErrorKind::internal, "no group about tables has this on SQLite");
    }
};

void append(Statements& to, const Statements& statements)
{
    to.insert(to.end(), statements.begin(), statements.end());
}

Statements ended(const SqliteDialect& dialect, const Alteration& alteration)
{
    if (const auto* drop = std::get_if<DropLinkSync>(&alteration)) {
        return drop_link_sync(dialect, drop->sync);
    }
    if (const auto* replace = std::get_if<ReplaceLinkSync>(&alteration)) {
        return drop_link_sync(dialect, replace->from);
    }
    if (const auto* drop = std::get_if<DropTableSync>(&alteration)) {
        return drop_table_sync(dialect, drop->sync);
    }
    const auto* replace = std::get_if<ReplaceTableSync>(&alteration);
    return replace == nullptr ? Statements() : drop_table_sync(dialect, replace->from);
}

Statements begun(const SqliteDialect& dialect, const Alteration& alteration)
{
    if (const auto* replace = std::get_if<ReplaceLinkSync>(&alteration)) {
        return create_link_sync(dialect, replace->to);
    }
    if (const auto* create = std::get_if<CreateLinkSync>(&alteration)) {
        return create_link_sync(dialect, create->sync);
    }
    if (const auto* replace = std::get_if<ReplaceTableSync>(&alteration)) {
        return create_table_sync(dialect, replace->to);
    }
    const auto* create = std::get_if<CreateTableSync>(&alteration);
    if (create == nullptr) {
        return {};
    }
    Statements statements = create_table_sync(dialect, create->sync);
    if (create->sync.shares_numbers) {
        statements.push_back(share_numbers(dialect, create->sync));
    }
    return statements;
}

Statements rendered(const SqliteDialect& dialect, const std::vector<Alteration>& group)
{
    Statements statements;
    for (const Alteration& alteration : group) {
        append(statements, ended(dialect, alteration));
    }
    for (const Alteration& alteration : group) {
        append(statements, std::visit(Render{dialect}, alteration));
    }
    for (const Alteration& alteration : group) {
        append(statements, begun(dialect, alteration));
    }
    return statements;
}

} // namespace

std::string create_index(const SqliteDialect& dialect, const TableName& table, const Index& index)
{
    refuse_unknown_parts(index);
    std::string parts;
    for (const IndexPart& part : index.parts) {
        parts += (parts.empty() ? "" : ", ") + part_sql(dialect, part);
    }
    return std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
           dialect.quote(index.name) + " ON " + dialect.quote(table.name) + " (" + parts + ")" +
           (index.predicate.empty() ? "" : " WHERE " + index.predicate);
}

std::vector<Rendered> render_tables(const SqliteDialect& dialect,
                                    const std::vector<Alteration>& group)
{
    return {{.summary = summary_of(group),
             .steps = steps_of(rendered(dialect, group)),
             .undo = has<DropTable>(group) ? std::vector<Step>()
                                           : steps_of(rendered(dialect, invert(group))),
             .tables = tables_in(group),
             .lock = "the database's write lock, brief",
             .is_main = true}};
}

} // namespace sluice::sqlite
