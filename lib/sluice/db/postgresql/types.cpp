#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"

namespace sluice {

Type PostgresqlDialect::parse_type(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::cast(std::string_view /*expression*/, const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::differs(std::string_view /*a*/, std::string_view /*b*/,
                                       const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::optional<std::string> PostgresqlDialect::cast_domain(std::string_view /*expression*/,
                                                          const Type& /*from*/,
                                                          const Type& /*to*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

bool PostgresqlDialect::is_constant(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
