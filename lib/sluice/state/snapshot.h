#pragma once
// All that is recorded of backfills and migrations at one time, for whoever watches from outside.

#include "sluice/state/history.h"
#include "sluice/state/lease.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct RunSnapshot {
    RunRecord run;
    std::vector<RangeRecord> ranges;
    std::int64_t open_bad_rows = 0; ///< set aside, and neither retried nor waived
};

struct Snapshot {
    std::string now; ///< server time, UTC
    std::vector<RunSnapshot> runs;
    std::map<State, std::int64_t> migrations; ///< how many are in which state
    std::optional<LeaseHolder> holder;
    bool is_braked = false;
};

/// Changes nothing. Where sluice has never worked: only `now`.
[[nodiscard]] Snapshot read_snapshot(Session& session);

} // namespace sluice
