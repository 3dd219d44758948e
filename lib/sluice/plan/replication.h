#pragma once
// What logical replication makes of a change: rows that it writes fire no trigger, and who follows
// the table has to have its columns first. Private to plan/.

#include "sluice/plan/changes/outline.h"

namespace sluice {

/// A change that keeps two shapes in step by triggers, in a table that a subscription writes: what
/// comes from there would be in the old shape alone. Throws Error{refused}.
void refuse_unfired_triggers(const Outline& outline, const Ground& ground);

/// To be told where a table is published whose columns change, or which goes.
[[nodiscard]] std::vector<std::string> notes_for_subscribers(const Outline& outline,
                                                             const Catalog& catalog);

} // namespace sluice
