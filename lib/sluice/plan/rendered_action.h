#pragma once
// An action out of what an engine rendered. Private to plan/.

#include "sluice/plan/action.h"

#include <string>

namespace sluice {

/// Complete but for its ordinal. Purge has no way back.
[[nodiscard]] Action action_of(Phase phase, Rendered rendered, const std::string& reason);

} // namespace sluice
