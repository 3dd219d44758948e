#include "sluice/core/error.h"
#include "sluice/db/sqlite/dialect.h"

namespace sluice {

Type SqliteDialect::parse_type(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::cast(std::string_view /*expression*/, const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::differs(std::string_view /*a*/, std::string_view /*b*/,
                                   const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::optional<std::string> SqliteDialect::cast_domain(std::string_view /*expression*/,
                                                      const Type& /*from*/,
                                                      const Type& /*to*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

bool SqliteDialect::is_constant(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
