#pragma once
// Why a run does not move, as far as the database tells: what people asked for and who, whether
// anybody works on it, what it was last heard to wait for, who holds the locks it needs. Looks,
// changes nothing.

#include "sluice/db/session.h"
#include "sluice/state/brake.h"
#include "sluice/state/lease.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct Reason {
    std::string what;  ///< "paused by ada@host: the evening peak"
    std::string since; ///< server time, UTC; empty: unknown
    std::string next;  ///< the command that helps; empty: none does
};

struct Explanation {
    RunRecord run;
    std::vector<RangeRecord> ranges;
    std::vector<Reason> reasons; ///< empty: nothing keeps it
    bool is_worked_on = false;
    std::optional<std::chrono::seconds> last_batch; ///< how long ago; nullopt: none yet
};

/// Is somebody alive who works on a run of this database, on whatever machine?
[[nodiscard]] bool is_worked_on(Session& session, const std::vector<RangeRecord>& ranges);

/// Throws Error{usage} where there is no such run.
[[nodiscard]] Explanation explain(Session& session, std::int64_t run);

} // namespace sluice
