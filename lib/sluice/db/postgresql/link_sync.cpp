#include "sluice/db/postgresql/link_sync.h"

#include "sluice/core/error.h"

namespace sluice::postgresql {

std::vector<std::string> create_link_sync(const PostgresqlDialect& /*dialect*/,
                                          const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::vector<std::string> drop_link_sync(const PostgresqlDialect& /*dialect*/,
                                        const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice::postgresql
