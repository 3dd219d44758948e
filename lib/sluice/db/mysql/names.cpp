#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"

namespace sluice {

MysqlDialect::MysqlDialect(Server server) : Dialect(server, Capabilities{}) {}

std::string MysqlDialect::quote(std::string_view /*identifier*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::literal(std::string_view /*text*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Sql MysqlDialect::sql() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::size_t MysqlDialect::longest_name() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::state_table(std::string_view /*name*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

StateTypes MysqlDialect::state_types() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::now(std::chrono::milliseconds /*offset*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
