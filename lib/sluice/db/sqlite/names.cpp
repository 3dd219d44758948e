#include "sluice/core/error.h"
#include "sluice/db/sqlite/dialect.h"

namespace sluice {

SqliteDialect::SqliteDialect(Server server) : Dialect(server, Capabilities{}) {}

std::string SqliteDialect::quote(std::string_view /*identifier*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::literal(std::string_view /*text*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Sql SqliteDialect::sql() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::size_t SqliteDialect::longest_name() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::state_table(std::string_view /*name*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

StateTypes SqliteDialect::state_types() const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::now(std::chrono::milliseconds /*offset*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
