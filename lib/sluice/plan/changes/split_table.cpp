#include "sluice/core/error.h"
#include "sluice/plan/changes/outline.h"

namespace sluice {

Outline outline(const SplitTableChange& /*change*/, const Site& /*site*/)
{
    throw Error(ErrorKind::internal, "unwritten");
}

} // namespace sluice
