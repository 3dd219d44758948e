#pragma once
// An old column that is NOT NULL and has no default, while a new application inserts rows without
// it. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <vector>

namespace sluice {

/// What has to be altered in expand so that an INSERT may leave the column out until a trigger has
/// filled it; their inverse comes with rollback. Often nothing.
[[nodiscard]] std::vector<Alteration> made_optional(const Column& old, const Site& site);

/// A new column that triggers fill cannot be NOT NULL while an INSERT leaves it out: it becomes so
/// together with what contract does, not before.
[[nodiscard]] bool fills_too_late(const Dialect& dialect);

} // namespace sluice
