#include "sluice/db/postgresql/nullability.h"

#include "sluice/db/postgresql/table_ddl.h"
#include "sluice/db/render_parts.h"

#include <utility>

namespace sluice::postgresql {

namespace {

std::string alter(const PostgresqlDialect& dialect, const Table& table, const std::string& what)
{
    return "ALTER TABLE " + dialect.quote(table.name) + " " + what;
}

} // namespace

std::string not_null_check(const PostgresqlDialect& dialect, const std::string& column)
{
    return reserved_name("sluice_nn_", column, dialect.longest_name());
}

Rendered add_not_null_check(const PostgresqlDialect& dialect, const Table& table,
                            const std::string& column)
{
    const std::string check = not_null_check(dialect, column);
    Rendered rendered;
    rendered.tables = {table.name};
    rendered.summary = "check that new values of column \"" + column + "\" of \"" +
                       display(table.name) + "\" are not null";
    rendered.reason = "so that NOT NULL needs no scan under a lock";
    rendered.lock = "ACCESS EXCLUSIVE on " + display(table.name) + ", brief";
    // NOT VALID: holds for what is written from now on, and reads nothing.
    rendered.steps = steps_of({alter(dialect, table,
                                     "ADD CONSTRAINT " + dialect.quote(check) + " CHECK (" +
                                         dialect.quote(column) + " IS NOT NULL) NOT VALID")});
    rendered.undo = steps_of({drop_constraint_if_there(dialect, table.name, check)});
    return rendered;
}

Rendered validate_not_null_check(const PostgresqlDialect& dialect, const Table& table,
                                 const std::string& column)
{
    Rendered rendered;
    rendered.tables = {table.name};
    rendered.summary = "check that no value of column \"" + column + "\" of \"" +
                       display(table.name) + "\" is null";
    rendered.lock = "SHARE UPDATE EXCLUSIVE on " + display(table.name) +
                    " while the table is read: nobody waits";
    rendered.steps = steps_of({alter(
        dialect, table, "VALIDATE CONSTRAINT " + dialect.quote(not_null_check(dialect, column)))});
    return rendered;
}

Rendered validate_not_null_check_on_undo(const PostgresqlDialect& dialect, const Table& table,
                                         const std::string& column)
{
    return turned_round(validate_not_null_check(dialect, table, column));
}

Rendered add_not_null_check_on_undo(const PostgresqlDialect& dialect, const Table& table,
                                    const std::string& column)
{
    Rendered rendered = turned_round(add_not_null_check(dialect, table, column));
    rendered.undo.insert(rendered.undo.begin(),
                         {require_no_null(dialect, table, column), "", false});
    return rendered;
}

} // namespace sluice::postgresql
