#include "sluice/db/postgresql/constraint_ddl.h"

#include "sluice/db/constraint_sql.h"
#include "sluice/db/postgresql/table_ddl.h"
#include "sluice/db/render_parts.h"

#include <algorithm>
#include <iterator>

namespace sluice::postgresql {

namespace {

std::string names_of(const TableName& table, const Constraint& constraint)
{
    std::string names;
    for (const TableName& each : tables_of(table, constraint)) {
        names += (names.empty() ? "" : " and ") + display(each);
    }
    return names;
}

Rendered add_not_valid(const PostgresqlDialect& dialect, const TableName& table,
                       const Constraint& constraint)
{
    const bool is_check = std::holds_alternative<Check>(constraint);
    Rendered rendered;
    rendered.summary = summary_of(AddConstraint{table, constraint}) + ", for new rows";
    rendered.lock = is_check ? "ACCESS EXCLUSIVE on " + display(table) + ", brief"
                             : "SHARE ROW EXCLUSIVE on " + names_of(table, constraint) +
                                   ", brief: writers wait, readers do not";
    rendered.tables = tables_of(table, constraint);
    std::vector<std::string> statements{"ALTER TABLE " + dialect.quote(table) + " ADD CONSTRAINT " +
                                        dialect.quote(name_of(constraint)) + " " +
                                        body_of(dialect, constraint) + " NOT VALID"};
    const std::string comment =
        std::visit([](const auto& each) { return each.comment; }, constraint);
    if (!comment.empty()) {
        statements.push_back(constraint_comment(dialect, table, name_of(constraint), comment));
    }
    rendered.steps = steps_of(statements);
    rendered.undo = steps_of({drop_constraint_if_there(dialect, table, name_of(constraint))});
    return rendered;
}

Rendered validate(const PostgresqlDialect& dialect, const TableName& table,
                  const Constraint& constraint)
{
    Rendered rendered;
    rendered.summary = "hold the rows of \"" + display(table) + "\" against constraint \"" +
                       name_of(constraint) + "\"";
    rendered.lock =
        "SHARE UPDATE EXCLUSIVE on " + display(table) + " while the table is read: nobody waits";
    rendered.tables = tables_of(table, constraint);
    rendered.steps = steps_of({"ALTER TABLE " + dialect.quote(table) + " VALIDATE CONSTRAINT " +
                               dialect.quote(name_of(constraint))});
    return rendered;
}

bool is_valid(const Constraint& constraint)
{
    return std::visit([](const auto& each) { return !each.not_valid; }, constraint);
}

Step required(const PostgresqlDialect& dialect, const Table& table, const Constraint& constraint)
{
    const std::string message = "rows of table \"" + display(table.name) +
                                "\" do not keep to constraint \"" + name_of(constraint) +
                                "\", which is to come back, first keys: ";
    return {require(dialect, table, keeps_to(dialect, table.name, constraint), message), "", false};
}

} // namespace

std::vector<Rendered> add_constraint(const PostgresqlDialect& dialect, const Table& table,
                                     const Constraint& constraint)
{
    std::vector<Rendered> actions{add_not_valid(dialect, table.name, constraint)};
    if (is_valid(constraint)) {
        actions.push_back(validate(dialect, table.name, constraint));
    }
    return actions;
}

std::vector<Rendered> restore_constraint(const PostgresqlDialect& dialect, const Table& table,
                                         const Constraint& constraint)
{
    std::vector<Rendered> actions;
    Rendered add = turned_round(add_not_valid(dialect, table.name, constraint));
    if (is_valid(constraint)) {
        actions.push_back(turned_round(validate(dialect, table.name, constraint)));
        add.undo.insert(add.undo.begin(), required(dialect, table, constraint));
    }
    actions.push_back(std::move(add));
    return actions;
}

Rendered require_all(const PostgresqlDialect& dialect, const Table& table,
                     const std::vector<Constraint>& constraints)
{
    Rendered rendered;
    rendered.summary = "hold the rows of \"" + display(table.name) + "\" against what comes back";
    rendered.tables = {table.name};
    for (const Constraint& constraint : constraints) {
        if (is_valid(constraint)) {
            rendered.undo.push_back(required(dialect, table, constraint));
        }
    }
    return for_way_back(std::move(rendered));
}

} // namespace sluice::postgresql
