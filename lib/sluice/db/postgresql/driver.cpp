#include "sluice/db/driver.h"

#include "sluice/core/error.h"

namespace sluice {

std::unique_ptr<Driver> open_postgresql(const Url& /*url*/, SessionOptions /*options*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
