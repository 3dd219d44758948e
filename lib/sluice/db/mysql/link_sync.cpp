#include "sluice/db/mysql/link_sync.h"

#include "sluice/core/error.h"

namespace sluice::mysql {

std::vector<std::string> create_link_sync(const MysqlDialect& /*dialect*/, const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

std::vector<std::string> drop_link_sync(const MysqlDialect& /*dialect*/, const LinkSync& /*sync*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice::mysql
