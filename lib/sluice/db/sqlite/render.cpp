#include "sluice/core/error.h"
#include "sluice/db/sqlite/dialect.h"

namespace sluice {

std::vector<Rendered> SqliteDialect::render(const std::vector<Alteration>& /*group*/,
                                            const Table& /*table*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

Mode SqliteDialect::mode_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::string SqliteDialect::lock_of(std::string_view /*sql*/) const
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
