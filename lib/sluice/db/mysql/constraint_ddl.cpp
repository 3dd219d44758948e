#include "sluice/db/mysql/constraint_ddl.h"

#include "sluice/core/error.h"
#include "sluice/db/constraint_sql.h"
#include "sluice/db/mysql/table_ddl.h"
#include "sluice/db/render_parts.h"

#include <algorithm>

namespace sluice::mysql {

namespace {

[[noreturn]] void refuse_check(const MysqlDialect& dialect, const TableName& table,
                               const Check& check)
{
    const std::string engine = dialect.server().is_mariadb ? "MariaDB" : "MySQL";
    throw Error(ErrorKind::refused,
                engine + " can add the check \"" + check.name + "\" to \"" + display(table) +
                    "\" only by copying the whole table, while nobody may write",
                {.hint = "Let the application hold to it; or add it when writers may wait, with "
                         "phases of your own (`sluice new sql`): ALTER TABLE … ADD CONSTRAINT … "
                         "CHECK (…), ALGORITHM=COPY, LOCK=SHARED."});
}

[[noreturn]] void refuse_dropping(const MysqlDialect& dialect, const TableName& table,
                                  const Check& check)
{
    const std::string engine = dialect.server().is_mariadb ? "MariaDB" : "MySQL";
    throw Error(ErrorKind::refused,
                "the check \"" + check.name + "\" of \"" + display(table) +
                    "\" could not come back with a rollback: " + engine +
                    " adds one only by copying the whole table, while nobody may write",
                {.hint = "Drop it with phases of your own (`sluice new sql`): [[expand]] sql = "
                         "\"ALTER TABLE … DROP CONSTRAINT …\", undo = false."});
}

/// The statement, with foreign keys not looked at while it runs.
std::vector<Step> unlooked(const MysqlDialect& dialect, const std::string& alter,
                           const std::string& done)
{
    if (dialect.server().is_mariadb) {
        return {
            {"SET STATEMENT foreign_key_checks=0 FOR " + alter + ", ALGORITHM=NOCOPY, LOCK=NONE",
             done, false}};
    }
    return {{"SET SESSION foreign_key_checks = 0", "", true},
            {alter + ", ALGORITHM=INPLACE, LOCK=NONE", done, false},
            {"SET SESSION foreign_key_checks = 1", "", true}};
}

std::string clause(const MysqlDialect& dialect, const ForeignKey& key)
{
    return "ADD CONSTRAINT " + dialect.quote(key.name) + " " + body_of(dialect, key);
}

std::string alter(const MysqlDialect& dialect, const TableName& table)
{
    return "ALTER TABLE " + dialect.quote(table) + " ";
}

std::string lock_on(const TableName& table, const Constraint& constraint)
{
    std::string names;
    for (const TableName& each : tables_of(table, constraint)) {
        names += (names.empty() ? "" : " and ") + display(each);
    }
    return "metadata lock on " + names + ", brief";
}

bool is_over(const Index& index, const std::vector<std::string>& columns)
{
    return std::equal(
        index.parts.begin(), index.parts.end(), columns.begin(), columns.end(),
        [](const IndexPart& part, const std::string& column) { return part.column == column; });
}

/// The server drops an index that it made for one foreign key where the one that it makes for
/// another serves as well (measured on MariaDB 10.11): that one takes the name.
std::vector<Step> name_of_index_kept(const MysqlDialect& dialect, const Table& table,
                                     const Constraint& constraint)
{
    const auto* key = std::get_if<ForeignKey>(&constraint);
    std::vector<Step> steps;
    for (const Index& index : table.indexes) {
        if (key != nullptr && index.name != key->name && is_over(index, key->columns)) {
            const char* how = dialect.server().is_mariadb ? ", ALGORITHM=INSTANT"
                                                          : ", ALGORITHM=INPLACE, LOCK=NONE";
            steps.push_back({alter(dialect, table.name) + "RENAME INDEX " +
                                 dialect.quote(key->name) + " TO " + dialect.quote(index.name) +
                                 how,
                             has_index(dialect, table.name, index.name), false});
        }
    }
    return steps;
}

} // namespace

std::vector<Step> add_constraint(const MysqlDialect& dialect, const TableName& table,
                                 const Constraint& constraint)
{
    if (const auto* check = std::get_if<Check>(&constraint)) {
        refuse_check(dialect, table, *check);
    }
    const auto& key = std::get<ForeignKey>(constraint);
    return unlooked(dialect, alter(dialect, table) + clause(dialect, key),
                    has_constraint(dialect, table, key.name));
}

std::vector<Step> drop_constraint(const MysqlDialect& dialect, const TableName& table,
                                  const Constraint& constraint)
{
    if (const auto* check = std::get_if<Check>(&constraint)) {
        refuse_dropping(dialect, table, *check);
    }
    const std::string& name = name_of(constraint);
    const char* how =
        dialect.server().is_mariadb ? ", ALGORITHM=INSTANT" : ", ALGORITHM=INPLACE, LOCK=NONE";
    return {{alter(dialect, table) + "DROP FOREIGN KEY " + dialect.quote(name) + how,
             lacks_constraint(dialect, table, name), false}};
}

std::vector<Step> rename_constraint(const MysqlDialect& dialect, const TableName& table,
                                    const Constraint& constraint, const std::string& to)
{
    if (const auto* check = std::get_if<Check>(&constraint)) {
        refuse_dropping(dialect, table, *check);
    }
    const auto& key = std::get<ForeignKey>(constraint);
    ForeignKey next = key;
    next.name = to;
    return unlooked(dialect,
                    alter(dialect, table) + "DROP FOREIGN KEY " + dialect.quote(key.name) + ", " +
                        clause(dialect, next),
                    has_constraint(dialect, table, to));
}

Rendered added(const MysqlDialect& dialect, const Table& table, const Constraint& constraint)
{
    Rendered rendered;
    rendered.summary = summary_of(AddConstraint{table.name, constraint}) + ", for new rows";
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.tables = tables_of(table.name, constraint);
    rendered.lock = lock_on(table.name, constraint);
    rendered.steps = add_constraint(dialect, table.name, constraint);
    for (const Step& step : name_of_index_kept(dialect, table, constraint)) {
        rendered.steps.push_back(step);
    }
    rendered.undo = drop_constraint(dialect, table.name, constraint);
    return rendered;
}

namespace {

/// MariaDB is asked for rows that do not keep to it before anything is changed; MySQL has no such
/// statement, and takes the constraint back without a look at the rows.
std::vector<Step> required(const MysqlDialect& dialect, const Table& table,
                           const Constraint& constraint)
{
    if (!dialect.server().is_mariadb) {
        return {};
    }
    const std::string message = "rows of table \"" + display(table.name) +
                                "\" do not keep to constraint \"" + name_of(constraint) +
                                "\", which is to come back, first keys: ";
    return {
        {require(dialect, table, keeps_to(dialect, table.name, constraint), message), "", true}};
}

} // namespace

Rendered restored(const MysqlDialect& dialect, const Table& table, const Constraint& constraint)
{
    Rendered rendered = added(dialect, table, constraint);
    rendered.summary = summary_of(AddConstraint{table.name, constraint});
    rendered.lock.clear();
    rendered.undo = required(dialect, table, constraint);
    rendered.undo.insert(rendered.undo.end(), rendered.steps.begin(), rendered.steps.end());
    rendered.steps = drop_constraint(dialect, table.name, constraint);
    return for_way_back(std::move(rendered));
}

Rendered require_all(const MysqlDialect& dialect, const Table& table,
                     const std::vector<Constraint>& constraints)
{
    Rendered rendered;
    rendered.summary = "hold the rows of \"" + display(table.name) + "\" against what comes back";
    rendered.mode = rendered.undo_mode = Mode::standalone;
    rendered.tables = {table.name};
    for (const Constraint& constraint : constraints) {
        const std::vector<Step> steps = required(dialect, table, constraint);
        rendered.undo.insert(rendered.undo.end(), steps.begin(), steps.end());
    }
    return for_way_back(std::move(rendered));
}

} // namespace sluice::mysql
