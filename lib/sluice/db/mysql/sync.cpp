#include "sluice/db/mysql/sync.h"

#include "sluice/db/sync_body.h"
#include "sluice/db/sync_sql.h"

namespace sluice {

namespace {

class StoredProgram final : public Procedural {
public:
    [[nodiscard]] std::string else_if() const override { return "ELSEIF"; }

    [[nodiscard]] std::string assign(const std::string& target,
                                     const std::string& value) const override
    {
        return "SET " + target + " = " + value + ";\n";
    }

    [[nodiscard]] std::string attempt(const std::string& target,
                                      const std::string& value) const override
    {
        return "BEGIN\nDECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET " + target + " = NULL;\n" +
               assign(target, value) + "END;\n";
    }
};

std::string insert_trigger(const Sync& sync)
{
    return "sluice_" + sync.name + "_ins";
}

std::string update_trigger(const Sync& sync)
{
    return "sluice_" + sync.name + "_upd";
}

/// A variable without its own character set would take the database's, not the column's.
std::string declaration(const std::string& variable, const Column& column)
{
    std::string text = "DECLARE " + variable + " " + column.type.sql;
    text += column.charset.empty() ? "" : " CHARACTER SET " + column.charset;
    text +=
        column.charset.empty() || column.collation.empty() ? "" : " COLLATE " + column.collation;
    return text + ";\n";
}

std::string declarations(const Sync& sync)
{
    std::string text;
    for (const SyncVariable& variable : sync_variables(sync)) {
        text += declaration(variable.name, *variable.column);
    }
    return text;
}

std::string drop(const MysqlDialect& dialect, const Sync& sync, const std::string& name)
{
    const TableName trigger{sync.table.schema, name};
    return "DROP TRIGGER IF EXISTS " + dialect.quote(trigger);
}

void create(std::vector<std::string>& statements, const MysqlDialect& dialect, const Sync& sync,
            const std::string& name, const char* event, const std::string& body)
{
    if (body.empty()) {
        return;
    }
    const bool replaces = dialect.server().is_mariadb;
    if (!replaces) {
        statements.push_back(drop(dialect, sync, name));
    }
    const TableName trigger{sync.table.schema, name};
    statements.push_back(std::string(replaces ? "CREATE OR REPLACE" : "CREATE") + " TRIGGER " +
                         dialect.quote(trigger) + " BEFORE " + event + " ON " +
                         dialect.quote(sync.table) + " FOR EACH ROW\nBEGIN\n" + declarations(sync) +
                         body + "END");
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
    const SyncBody body = sync_body(dialect, StoredProgram(), sync);
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
