#pragma once
// A new rule over rows: the rows are verified while the old application still writes, and every
// version is held to the rule from contract on. Private to plan/.

#include "sluice/plan/changes/outline.h"

namespace sluice {

/// Throws Error{refused} for a table without a key by which its rows can be verified.
[[nodiscard]] Outline outline_of(const Constraint& constraint, const Site& site);

} // namespace sluice
