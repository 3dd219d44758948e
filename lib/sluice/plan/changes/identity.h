#pragma once
// A column that numbers itself from then on, or no longer. Private to plan/.

#include "sluice/plan/changes/outline.h"

namespace sluice {

/// A change_column that says `identity`.
[[nodiscard]] Outline identity_outline(const ChangeColumnChange& change, const Site& site);

} // namespace sluice
