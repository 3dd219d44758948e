#pragma once
// One batch: find where the next n rows end, pass the fence (which opens only for my token, from
// where I started, while the run is wanted), change the rows, advance the cursor, commit. Rows and
// cursor are one transaction, so a crash loses both or neither. Where the engine can (PostgreSQL)
// it is one statement and one round trip.

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/pace.h"
#include "sluice/state/ranges.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sluice {

struct BatchRequest {
    Held held;
    std::string cursor; ///< encoded; where this worker believes the range to be
    std::string upper;  ///< encoded; not empty
    std::int64_t rows = 500;
    std::chrono::seconds lease{30};
    /// Called where the wait for the one writer of an engine is over; may be empty.
    std::function<void()> has_begun = {};
};

enum class BatchEnd {
    advanced, ///< more may follow
    finished, ///< the cursor reached the upper bound; Ranges::close makes that last
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

/// The batch of an engine with Capabilities::one_statement_batch, as that statement.
[[nodiscard]] Statement batch_statement(const Dialect& dialect, const BackfillWork& work,
                                        const BatchRequest& request);

/// "cursor, token and upper bound of the range are what the request says, and people want the run
/// to work": the conditions of the fence. `range` qualifies the range's columns.
void append_fence_conditions(Sql& sql, const Dialect& dialect, std::string_view range,
                             const BatchRequest& request);

} // namespace sluice
