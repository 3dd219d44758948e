// Measured on MariaDB 10.11: a trigger that writes to a table which is not there runs into error
// 1146 when it comes to that statement, and not before, so that a handler passes it over. RENAME
// TABLE takes triggers and foreign keys with it, at both ends. CREATE TABLE … LIKE copies all but
// foreign keys, the indexes that the server made for them, triggers and the next number.

#include "sluice/db/successor.h"

#include "sluice/core/error.h"
#include "sluice/db/mysql/constraint_ddl.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/mysql/table_ddl.h"
#include "sluice/db/mysql/trigger.h"
#include "sluice/db/render_parts.h"

#include <algorithm>

namespace sluice {

namespace {

using namespace mysql;
using Steps = std::vector<Step>;

const MysqlDialect& own(const Dialect& dialect)
{
    const auto* found = dynamic_cast<const MysqlDialect*>(&dialect);
    if (found == nullptr) {
        throw Error(ErrorKind::internal, "this engine has no use for successors");
    }
    return *found;
}

void append(Steps& to, const Steps& steps)
{
    to.insert(to.end(), steps.begin(), steps.end());
}

class Bodies {
public:
    Bodies(const MysqlDialect& dialect, const Mirror& mirror) : dialect_(dialect), mirror_(mirror)
    {
    }

    [[nodiscard]] std::string on_insert() const { return "BEGIN\n" + guarded(copy()) + "END"; }

    [[nodiscard]] std::string on_update() const
    {
        return "BEGIN\nIF " + key_changed() + " THEN\n" + moved() + "END IF;\n" + guarded(copy()) +
               "END";
    }

    [[nodiscard]] std::string on_delete() const
    {
        return unless_it_fails("BEGIN END;\n", there() + remove());
    }

private:
    [[nodiscard]] std::string to() const { return dialect_.quote(mirror_.to); }

    [[nodiscard]] std::string of_row(const char* row, const std::string& column) const
    {
        return std::string(row) + "." + dialect_.quote(column);
    }

    [[nodiscard]] bool is_key(const std::string& name) const
    {
        return std::any_of(mirror_.key.begin(), mirror_.key.end(),
                           [&name](const Column& column) { return column.name == name; });
    }

    [[nodiscard]] std::string assignments(bool (*chosen)(bool is_key)) const
    {
        std::string text;
        for (const std::string& column : mirror_.columns) {
            if (chosen(is_key(column))) {
                text += (text.empty() ? "" : ", ") + dialect_.quote(column) + " = " +
                        of_row("NEW", column);
            }
        }
        return text;
    }

    [[nodiscard]] std::string new_key() const
    {
        return assignments([](bool is_key) { return is_key; });
    }

    [[nodiscard]] std::string insert(const char* row, const std::string& otherwise) const
    {
        std::string values;
        for (const std::string& column : mirror_.columns) {
            values += (values.empty() ? "" : ", ") + of_row(row, column);
        }
        return "INSERT INTO " + to() + " (" + dialect_.quote_list(mirror_.columns) + ") VALUES (" +
               values + ") ON DUPLICATE KEY UPDATE " + otherwise + ";\n";
    }

    [[nodiscard]] std::string copy() const
    {
        const std::string rest = assignments([](bool is_key) { return !is_key; });
        return insert("NEW", rest.empty() ? new_key() : rest);
    }

    /// A row that is not copied yet is made, only to be changed or deleted: what looks for a row
    /// that is missing locks the gap, and whoever inserts there next waits, or ends in a deadlock.
    [[nodiscard]] std::string there() const
    {
        const std::string key = dialect_.quote(mirror_.key.front().name);
        return insert("OLD", key + " = " + to() + "." + key);
    }

    [[nodiscard]] static std::string unless_it_fails(const std::string& otherwise,
                                                     const std::string& writes)
    {
        return "BEGIN\nDECLARE EXIT HANDLER FOR 1205, 1213, 1020 RESIGNAL;\nDECLARE EXIT HANDLER "
               "FOR SQLEXCEPTION " +
               otherwise + writes + "END";
    }

    /// What cannot have the new key must not keep the old one.
    [[nodiscard]] std::string moved() const
    {
        return unless_it_fails(guarded(remove()), there() + rekey()) + ";\n";
    }

    [[nodiscard]] std::string old_key() const
    {
        std::string text;
        for (const Column& column : mirror_.key) {
            text += (text.empty() ? "" : " AND ") + dialect_.quote(column.name) + " = " +
                    of_row("OLD", column.name);
        }
        return text;
    }

    [[nodiscard]] std::string key_changed() const
    {
        std::string text;
        for (const Column& column : mirror_.key) {
            text += (text.empty() ? "" : " OR ") + dialect_.differs(of_row("NEW", column.name),
                                                                    of_row("OLD", column.name),
                                                                    column.type);
        }
        return text;
    }

    [[nodiscard]] std::string rekey() const
    {
        return "UPDATE " + to() + " SET " + new_key() + " WHERE " + old_key() + ";\n";
    }

    [[nodiscard]] std::string remove() const
    {
        return "DELETE FROM " + to() + " WHERE " + old_key() + ";\n";
    }

    const MysqlDialect& dialect_;
    const Mirror& mirror_;
};

TableName trigger_of(const Mirror& mirror, const char* event)
{
    return {mirror.from.schema, "sluice_" + mirror.name + "_" + event};
}

/// A row that is gone has had its number too. Nobody but a statement can tell the next one.
Steps hand_on_numbers(const MysqlDialect& dialect, const Mirror& mirror)
{
    const std::string schema =
        mirror.from.schema.empty() ? "DATABASE()" : dialect.literal(mirror.from.schema);
    const std::string next = "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE "
                             "table_schema = " +
                             schema + " AND table_name = " + dialect.literal(mirror.from.name);
    const std::string alter =
        dialect.literal("ALTER TABLE " + dialect.quote(mirror.to) + " AUTO_INCREMENT = ");
    if (dialect.server().is_mariadb) {
        return repeatable_steps({"BEGIN NOT ATOMIC\nDECLARE sluice_next BIGINT UNSIGNED DEFAULT (" +
                                 next + ");\nEXECUTE IMMEDIATE CONCAT(" + alter +
                                 ", sluice_next);\nEND"});
    }
    return repeatable_steps({"SET SESSION information_schema_stats_expiry = 0",
                             "SET @sluice_sql = CONCAT(" + alter + ", (" + next + "))",
                             "PREPARE sluice_numbers FROM @sluice_sql", "EXECUTE sluice_numbers"});
}

void refuse_renamed_checks(const MysqlDialect& dialect, const Likeness& likeness)
{
    if (!dialect.server().is_mariadb && !likeness.definition.checks.empty()) {
        throw Error(ErrorKind::refused,
                    "the check \"" + likeness.definition.checks.front().name + "\" of \"" +
                        display(likeness.like) +
                        "\" would go by another name: MySQL knows each name once in a schema",
                    {.hint = "Drop the check in an earlier migration, and let the application "
                             "hold to it meanwhile."});
    }
}

/// MySQL knows no way to say which rows they are: the error is that of the subquery's second row.
Step required(const MysqlDialect& dialect, const RowCondition& each)
{
    if (dialect.server().is_mariadb) {
        return {require(dialect, each.table, each.condition, each.message), "", true};
    }
    return {"DO (SELECT 1 FROM (SELECT 1 AS n UNION ALL SELECT 2) AS sluice_rows WHERE n = 1 OR "
            "EXISTS (SELECT 1 FROM " +
                dialect.quote(each.table.name) + " WHERE NOT (" + each.condition + ")))",
            "", true};
}

Steps created(const MysqlDialect& dialect, const Mirror& mirror)
{
    const Bodies bodies(dialect, mirror);
    Steps steps;
    const auto add = [&](const char* event, const char* when, const std::string& body) {
        append(steps, repeatable_steps(create_trigger(
                          dialect, {trigger_of(mirror, event), when, mirror.from, body})));
    };
    // What is inserted from here on is carried with all that becomes of it.
    add("del", "AFTER DELETE", bodies.on_delete());
    add("upd", "AFTER UPDATE", bodies.on_update());
    add("ins", "AFTER INSERT", bodies.on_insert());
    if (mirror.hands_on_numbers) {
        append(steps, hand_on_numbers(dialect, mirror));
    }
    return steps;
}

Steps dropped(const MysqlDialect& dialect, const Mirror& mirror)
{
    std::vector<std::string> statements;
    for (const char* event : {"ins", "upd", "del"}) {
        statements.push_back(drop_trigger(dialect, trigger_of(mirror, event)));
    }
    return repeatable_steps(statements);
}

Rendered about(const Mirror& mirror)
{
    Rendered rendered;
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.tables = {mirror.from};
    rendered.lock = "metadata lock on " + display(mirror.from) + ", brief";
    rendered.is_main = true;
    return rendered;
}

std::string triggers(const Mirror& mirror)
{
    return "triggers that carry the rows of \"" + display(mirror.from) + "\" to \"" +
           display(mirror.to) + "\"";
}

Steps columns_and_indexes(const MysqlDialect& dialect, const Likeness& likeness)
{
    const Table& table = likeness.definition;
    Steps steps;
    std::string columns;
    for (const std::string& column : likeness.retyped) {
        columns += (columns.empty() ? "MODIFY " : ", MODIFY ") +
                   column_definition(dialect, *table.find(column));
    }
    if (!columns.empty()) {
        steps.push_back({"ALTER TABLE " + dialect.quote(table.name) + " " + columns, "", true});
    }
    for (const Index& index : table.indexes) {
        const auto& made = likeness.indexes_of_keys;
        if (std::find(made.begin(), made.end(), index.name) != made.end()) {
            steps.push_back({create_index(dialect, table.name, index),
                             has_index(dialect, table.name, index.name), false});
        }
    }
    return steps;
}

using Names = std::vector<std::pair<TableName, TableName>>;

Step renamed(const MysqlDialect& dialect, const Names& names)
{
    std::string list;
    for (const auto& [from, to] : names) {
        list += (list.empty() ? "" : ", ") + dialect.quote(from) + " TO " + dialect.quote(to);
    }
    return {"RENAME TABLE " + list, is_table(dialect, names.front().second), false};
}

Names backwards(const Names& names)
{
    Names back;
    for (auto each = names.rbegin(); each != names.rend(); ++each) {
        back.emplace_back(each->second, each->first);
    }
    return back;
}

} // namespace

Rendered create_likeness(const Dialect& dialect, const Likeness& likeness)
{
    const MysqlDialect& mysql = own(dialect);
    refuse_renamed_checks(mysql, likeness);
    const Table& table = likeness.definition;
    const std::string name = mysql.quote(table.name);
    Rendered rendered;
    rendered.summary =
        "create table \"" + display(table.name) + "\" as \"" + display(likeness.like) + "\" is";
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.is_main = true;
    rendered.tables = {table.name};
    rendered.steps = {{"CREATE TABLE " + name + " LIKE " + mysql.quote(likeness.like),
                       is_table(mysql, table.name), false}};
    append(rendered.steps, columns_and_indexes(mysql, likeness));
    for (const ForeignKey& key : table.foreign_keys) {
        append(rendered.steps, add_constraint(mysql, table.name, key));
        rendered.tables.push_back(key.referenced);
        rendered.lock = "metadata lock on the tables that it refers to, brief";
    }
    rendered.undo = {{"DROP TABLE IF EXISTS " + name, "", true}};
    return rendered;
}

Rendered create_mirror(const Dialect& dialect, const Mirror& mirror)
{
    Rendered rendered = about(mirror);
    rendered.summary = "create " + triggers(mirror);
    rendered.steps = created(own(dialect), mirror);
    rendered.undo = dropped(own(dialect), mirror);
    return rendered;
}

Rendered drop_mirror(const Dialect& dialect, const Mirror& mirror)
{
    Rendered rendered = about(mirror);
    rendered.summary = "drop the " + triggers(mirror);
    rendered.steps = dropped(own(dialect), mirror);
    rendered.undo = created(own(dialect), mirror);
    return rendered;
}

Rendered rename_tables(const Dialect& dialect, const Renaming& renaming)
{
    const MysqlDialect& mysql = own(dialect);
    Rendered rendered;
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.is_main = true;
    for (const auto& [from, to] : renaming.names) {
        rendered.summary += (rendered.summary.empty() ? "rename table \"" : "; table \"") +
                            display(from) + "\" to \"" + display(to) + "\"";
        rendered.tables.push_back(from);
        rendered.tables.push_back(to);
    }
    rendered.lock = "metadata lock on all of them at once, brief: readers and writers wait";
    rendered.tables.insert(rendered.tables.end(), renaming.seen_by.begin(), renaming.seen_by.end());
    std::sort(rendered.tables.begin(), rendered.tables.end());
    rendered.tables.erase(std::unique(rendered.tables.begin(), rendered.tables.end()),
                          rendered.tables.end());
    rendered.steps = {renamed(mysql, renaming.names)};
    for (const RowCondition& each : renaming.required_back) {
        rendered.undo.push_back(required(mysql, each));
    }
    rendered.undo.push_back(renamed(mysql, backwards(renaming.names)));
    return rendered;
}

} // namespace sluice
