#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"

namespace sluice {

PostgresqlDialect::PostgresqlDialect(Server server) : Dialect(server, Capabilities{}) {}

std::string PostgresqlDialect::quote(std::string_view /*identifier*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::literal(std::string_view /*text*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Sql PostgresqlDialect::sql() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::size_t PostgresqlDialect::longest_name() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::state_table(std::string_view /*name*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

StateTypes PostgresqlDialect::state_types() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::now(std::chrono::milliseconds /*offset*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
