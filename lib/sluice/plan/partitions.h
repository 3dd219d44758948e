#pragma once
// What cannot be altered in a table because it is partitioned, or a partition. Private to plan/.

#include "sluice/plan/changes/outline.h"

namespace sluice {

/// A partition's columns are those of the whole table; and there is no way to add a foreign key or
/// a UNIQUE constraint to a partitioned table that would not shut writers out while its rows are
/// read. Throws Error{refused}.
void refuse_on_partitions(const Outline& outline, const Ground& ground);

} // namespace sluice
