#pragma once
// What a change does beside its outline's groups of alterations: actions about several tables at
// once, which are rendered already. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <vector>

namespace sluice {

/// In the order in which they run, after the groups of their phases.
[[nodiscard]] std::vector<Action> further_actions(const ChangePrimaryKeyChange& change,
                                                  const Site& site);

template <class Kind>
concept HasFurtherActions = requires(const Kind& kind, const Site& site)
{
    further_actions(kind, site);
};

} // namespace sluice
