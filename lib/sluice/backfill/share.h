#pragma once
// How the ranges of a run are shared out anew: an idle worker gets the larger part of what is left
// of the largest range. Private to backfill/.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ranges.h"

#include <optional>
#include <vector>

namespace sluice {

/// Cuts one of the open ranges in two and returns the ordinal of the new, free one; nullopt where
/// none has as many as `least_rows` rows left. At most a million keys of an index are read, which
/// is also how exact "largest" is: above that all are as large. Works for any key, because the
/// database counts.
[[nodiscard]] std::optional<int> split_largest(Session& session, const BackfillWork& work,
                                               const std::vector<RangeRecord>& ranges,
                                               std::int64_t least_rows);

} // namespace sluice
