#pragma once
// One batch: find where the next n rows end, pass the fence (which opens only for my token, from
// where I started, while the run is wanted), change the rows, advance the cursor, commit. Rows and
// cursor are one transaction, so a crash loses both or neither. Where the engine can (PostgreSQL)
// it is one statement and one round trip.

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
    std::string upper;  ///< encoded; not empty
    std::int64_t rows = 500;
    std::chrono::seconds lease{30};
};

enum class BatchEnd {
    advanced, ///< more may follow
    finished, ///< the cursor reached the upper bound; close_range() makes that last
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

/// Counts batches that were tried again.
void note_retries(Session& session, const BatchRequest& request, std::int64_t retries);

/// Gives a range back before its lease ends, so that nobody waits for one who is not working.
void release_range(Session& session, const BatchRequest& request);

/// Marks a range done whose cursor is at its upper bound. On a session of full durability: what a
/// gate reads later must not be undone by a crash of the server. False when the range is not ours.
[[nodiscard]] bool close_range(Session& session, const BatchRequest& request);

} // namespace sluice
