#include "sluice/db/sqlite/link_sync.h"

#include "sluice/core/error.h"

namespace sluice::sqlite {

std::vector<std::string> create_link_sync(const SqliteDialect& /*dialect*/,
                                          const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::vector<std::string> drop_link_sync(const SqliteDialect& /*dialect*/, const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice::sqlite
