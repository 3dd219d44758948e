#include "sluice/db/mysql/sync.h"

#include "sluice/db/mysql/trigger.h"
#include "sluice/db/sync_body.h"

#include <algorithm>

namespace sluice {

namespace {

/// A variable without its own character set would take the database's, not the column's.
std::string declared(const std::string& variable, const Column& column)
{
    std::string text = "DECLARE " + variable + " " + column.type.sql;
    text += column.charset.empty() ? "" : " CHARACTER SET " + column.charset;
    text +=
        column.charset.empty() || column.collation.empty() ? "" : " COLLATE " + column.collation;
    return text;
}

/// Can a variable of the column's type hold every value that the column can? A zero date or an
/// enumeration's empty value would raise an error.
bool holds_every_value(const Column& column)
{
    switch (column.type.family) {
    case TypeFamily::integer:
    case TypeFamily::decimal:
    case TypeFamily::floating:
    case TypeFamily::text:
        return true;
    default:
        return false;
    }
}

class StoredProgram final : public Procedural {
public:
    explicit StoredProgram(const MysqlDialect& dialect) : dialect_(dialect) {}

    [[nodiscard]] std::string else_if() const override { return "ELSEIF"; }

    [[nodiscard]] std::string assign(const std::string& target,
                                     const std::string& value) const override
    {
        return "SET " + target + " = " + value + ";\n";
    }

    /// The columns that an expression reads are variables of their names to it. A derived table
    /// does the same for any type; MariaDB takes more than three times as long over it (measured).
    [[nodiscard]] std::string compute(const std::string& target,
                                      const Computed& value) const override
    {
        const bool has_variables =
            !value.given.empty() &&
            std::all_of(value.given.begin(), value.given.end(),
                        [](const GivenColumn& each) { return holds_every_value(each.column); });
        std::string text;
        for (const GivenColumn& each : value.given) {
            text += !has_variables ? ""
                                   : declared(dialect_.quote(each.column.name), each.column) +
                                         " DEFAULT " + each.value + ";\n";
        }
        if (!value.is_total) {
            text += "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET " + target + " = NULL;\n";
        }
        const std::string set = assign(target, has_variables ? value.expression : value.sql);
        return text.empty() ? set : "BEGIN\n" + text + set + "END;\n";
    }

private:
    const MysqlDialect& dialect_;
};

std::string insert_trigger(const Sync& sync)
{
    return "sluice_" + sync.name + "_ins";
}

std::string update_trigger(const Sync& sync)
{
    return "sluice_" + sync.name + "_upd";
}

std::string declarations(const Sync& sync)
{
    std::string text;
    for (const SyncVariable& variable : sync_variables(sync)) {
        text += declared(variable.name, *variable.column) + ";\n";
    }
    return text;
}

std::string drop(const MysqlDialect& dialect, const Sync& sync, const std::string& name)
{
    return mysql::drop_trigger(dialect, {sync.table.schema, name});
}

void create(std::vector<std::string>& statements, const MysqlDialect& dialect, const Sync& sync,
            const std::string& name, const char* event, const std::string& body)
{
    if (body.empty()) {
        return;
    }
    const std::vector<std::string> made = mysql::create_trigger(
        dialect, {TableName{sync.table.schema, name}, std::string("BEFORE ") + event, sync.table,
                  "BEGIN\n" + declarations(sync) + body + "END"});
    statements.insert(statements.end(), made.begin(), made.end());
}

} // namespace

std::vector<std::string> MysqlDialect::sync_objects(const Sync& sync) const
{
    if (sync.direction == SyncDirection::backward) {
        return {insert_trigger(sync)};
    }
    return {insert_trigger(sync), update_trigger(sync)};
}

namespace mysql {

std::vector<std::string> create_sync(const MysqlDialect& dialect, const Sync& sync)
{
    refuse_late_columns(sync, Engine::mysql);
    const SyncBody body = sync_body(dialect, StoredProgram(dialect), sync);
    std::vector<std::string> statements;
    create(statements, dialect, sync, update_trigger(sync), "UPDATE", body.on_update);
    create(statements, dialect, sync, insert_trigger(sync), "INSERT", body.on_insert);
    return statements;
}

std::vector<std::string> drop_sync(const MysqlDialect& dialect, const Sync& sync)
{
    return {drop(dialect, sync, insert_trigger(sync)), drop(dialect, sync, update_trigger(sync))};
}

} // namespace mysql

} // namespace sluice
