#pragma once
// One batch: find where the next n rows end, advance the cursor (which is also the fence: it
// succeeds only with my token, from where I started, while the run is wanted), change the rows,
// commit. Rows and cursor are one transaction, so a crash loses both or neither. Where the engine
// can (PostgreSQL) it is one statement and one round trip.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/runs.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice {

struct BatchRequest {
    std::int64_t run = 0;
    int range = 1;
    std::string token;
    std::string cursor; ///< encoded; where this worker believes the range to be
    std::string upper;
    std::int64_t rows = 500;
    std::chrono::seconds lease{30};
};

enum class BatchEnd {
    advanced, ///< more may follow
    finished, ///< the range reached its upper bound
    stopped,  ///< nothing was written: fenced, paused, cancelled or braked; a fresh look at the run
              ///< says which
};

struct BatchResult {
    BatchEnd end = BatchEnd::stopped;
    std::string cursor; ///< where the range is now
    std::int64_t rows_scanned = 0;
    std::int64_t rows_changed = 0;
    Pace pace; ///< as it stands in the run now: reading it costs nothing extra
};

/// Runs one batch in a transaction of its own. Throws Error; nothing was written then, unless the
/// error is a lost connection during commit: the cursor, read back, tells.
[[nodiscard]] BatchResult run_batch(Session& session, const BackfillWork& work,
                                    const BatchRequest& request);

} // namespace sluice
