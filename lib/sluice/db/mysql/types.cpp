#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"

namespace sluice {

Type MysqlDialect::parse_type(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::cast(std::string_view /*expression*/, const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::differs(std::string_view /*a*/, std::string_view /*b*/,
                                  const Type& /*type*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::optional<std::string> MysqlDialect::cast_domain(std::string_view /*expression*/,
                                                     const Type& /*from*/, const Type& /*to*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

bool MysqlDialect::is_constant(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
