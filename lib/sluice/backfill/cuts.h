#pragma once
// Where the ranges of a pass end when it is opened, so that workers that begin together find one
// each. A guess from a sample: it may make ranges uneven, which idle workers even out later
// (share.h), and never loses a row, because the ranges follow each other from cut to cut. Private
// to backfill/.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/pace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Encoded keys, ascending, each before `last`; none for a single worker, and where a range would
/// not be worth having. `rows` is about how many rows the table has.
[[nodiscard]] std::vector<std::string> cut_into_ranges(Session& session, const BackfillWork& work,
                                                       const KeyValues& last, std::int64_t rows,
                                                       const Pace& pace);

/// A range is cut in two only where it has so many rows: fewer are not worth another claim.
[[nodiscard]] std::int64_t least_rows_to_share(const Pace& pace);

} // namespace sluice
