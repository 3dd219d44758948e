#include "sluice/db/dialect.h"

#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/sqlite/dialect.h"

namespace sluice {

std::string Dialect::quote(const TableName& table) const
{
    const std::string name = quote(table.name);
    return table.schema.empty() ? name : quote(table.schema) + "." + name;
}

std::string Dialect::quote_list(const std::vector<std::string>& identifiers) const
{
    std::string list;
    for (const std::string& identifier : identifiers) {
        list += (list.empty() ? "" : ", ") + quote(identifier);
    }
    return list;
}

std::string Dialect::converted(const Conversion& conversion, const Type& type) const
{
    if (conversion.domain.empty()) {
        return cast(conversion.expression, type);
    }
    return cast("CASE WHEN " + conversion.domain + " THEN " + conversion.expression + " END", type);
}

std::vector<Rendered> Dialect::render_together(const std::vector<AlteredTable>& /*groups*/) const
{
    throw Error(ErrorKind::internal, "this engine cannot alter several tables in one action");
}

std::unique_ptr<Dialect> make_dialect(const Server& server)
{
    switch (server.engine) {
    case Engine::postgresql:
        return std::make_unique<PostgresqlDialect>(server);
    case Engine::mysql:
        return std::make_unique<MysqlDialect>(server);
    case Engine::sqlite:
        return std::make_unique<SqliteDialect>(server);
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

std::string LockDialect::lock_tables(const std::vector<TableName>& /*tables*/) const
{
    throw Error(ErrorKind::internal, "this engine has no statement that locks tables");
}

bool LockDialect::is_patient(std::string_view /*sql*/) const
{
    return false;
}

std::string LockDialect::leftovers_of(std::string_view /*sql*/,
                                      const std::vector<TableName>& /*tables*/) const
{
    return {};
}

std::string LockDialect::lock_advice(std::string_view /*sql*/) const
{
    return {};
}

std::string LockDialect::unlock_tables() const
{
    throw Error(ErrorKind::internal, "this engine has no statement that locks tables");
}

} // namespace sluice
