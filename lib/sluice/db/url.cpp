#include "sluice/db/url.h"

#include "sluice/core/error.h"

namespace sluice {

Url parse_url(std::string_view /*text*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
