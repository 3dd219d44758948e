#include "sluice/db/mysql/trigger.h"

namespace sluice::mysql {

std::string drop_trigger(const MysqlDialect& dialect, const TableName& name)
{
    return "DROP TRIGGER IF EXISTS " + dialect.quote(name);
}

std::vector<std::string> create_trigger(const MysqlDialect& dialect,
                                        const TriggerDefinition& trigger)
{
    const bool replaces = dialect.server().is_mariadb;
    std::vector<std::string> statements;
    if (!replaces) {
        statements.push_back(drop_trigger(dialect, trigger.name));
    }
    statements.push_back(std::string(replaces ? "CREATE OR REPLACE" : "CREATE") + " TRIGGER " +
                         dialect.quote(trigger.name) + " " + trigger.when + " ON " +
                         dialect.quote(trigger.table) + " FOR EACH ROW\n" + trigger.body);
    return statements;
}

namespace {

std::string passing_on(const std::string& errors, const std::string& write)
{
    return "BEGIN\nDECLARE EXIT HANDLER FOR " + errors +
           " RESIGNAL;\nDECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;\n" + write + "END;\n";
}

} // namespace

std::string guarded(const std::string& write)
{
    return passing_on("1205, 1213, 1020", write);
}

std::string guarded_unless_referred(const std::string& write)
{
    return passing_on("1205, 1213, 1020, 1217, 1451", write);
}

} // namespace sluice::mysql
