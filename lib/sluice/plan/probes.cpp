#include "sluice/plan/planner.h"

namespace sluice {

std::vector<SyntaxProbe> syntax_probes(const Migration&, const Catalog&, const Dialect&)
{
    return {};
}

} // namespace sluice
