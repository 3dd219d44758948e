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
    narrowed, ///< nothing was written: one of the rows cannot be changed; fewer are to be tried
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

/// Where the cursor goes, and what is counted with it.
struct Passage {
    std::string cursor; ///< encoded
    std::int64_t rows_scanned = 0;
    std::int64_t rows_changed = 0;
};

/// Within the caller's transaction: advances the cursor if the range is still ours and wanted. Its
/// row is locked until the commit, so that nobody else passes meanwhile. False: nothing was
/// written.
[[nodiscard]] bool pass_fence(Session& session, const BatchRequest& request,
                              const Passage& passage);

/// Not as many rows were changed as were counted at the fence: so many more, or fewer.
void correct_changed(Session& session, const Held& held, std::int64_t difference);

/// "cursor, token and upper bound of the range are what the request says, and people want the run
/// to work": the conditions of the fence. `range` qualifies the range's columns.
void append_fence_conditions(Sql& sql, const Dialect& dialect, std::string_view range,
                             const BatchRequest& request);

} // namespace sluice
