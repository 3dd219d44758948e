#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"

namespace sluice {

std::vector<Rendered> PostgresqlDialect::render(const std::vector<Alteration>& /*group*/,
                                                const Table& /*table*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Mode PostgresqlDialect::mode_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string PostgresqlDialect::lock_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
