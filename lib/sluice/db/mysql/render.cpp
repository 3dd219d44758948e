#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"

namespace sluice {

std::vector<Rendered> MysqlDialect::render(const std::vector<Alteration>& /*group*/,
                                           const Table& /*table*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Mode MysqlDialect::mode_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string MysqlDialect::lock_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
