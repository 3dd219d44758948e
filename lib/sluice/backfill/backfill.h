#pragma once
// Takes a run from wherever it is to its end: pass after pass, batch after batch, by as many
// workers as the pace says, resting between, obeying what people ask for within one batch, trying
// again after what passes by itself, and ending only when a final check of the whole table finds no
// row that still needs work. Any number of processes may do so with the same run at the same time.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"
#include "sluice/state/runs.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

enum class BackfillEnd {
    done,
    interrupted, ///< stop was requested; the checkpoint is kept
    cancelled,   ///< somebody asked for it; the checkpoint is kept
};

struct BackfillOptions {
    Actor actor;
    /// For one batch, before the run is marked failed: some 17 s of waiting between them. More, for
    /// some 5 min, where a server is away or another holds a lock.
    int max_attempts = 10;
    /// Of the run's throttle those that this machine's own settings name (throttle/monitor.h).
    std::vector<std::string> trusted_commands = {};
    bool wait_while_paused = true; ///< false: return `interrupted` instead of waiting for a resume
};

/// `connect` is asked for as many sessions as needed, again after a lost connection. Throws Error
/// when the run failed; the run's row says so too, with the checkpoint kept.
[[nodiscard]] BackfillEnd run_backfill(const Connect& connect, Clock& clock, Listener& listener,
                                       const std::stop_token& stop, std::int64_t run,
                                       const BackfillWork& work, const BackfillOptions& options);

/// What one statement of the final check reads.
inline constexpr std::int64_t check_chunk_rows = 1'000'000;

struct Remaining {
    std::int64_t rows = 0;
    std::vector<std::string> examples; ///< encoded keys of the first 20
};

struct RemainingRequest {
    std::int64_t limit = std::numeric_limits<std::int64_t>::max(); ///< stop counting here
    /// Encoded keys, ascending, that cut the table into chunks; where none are known they are
    /// looked for, which reads the table a second time.
    std::vector<std::string> milestones = {};
    /// Encoded keys of rows that are not counted (state/bad_rows.h).
    std::vector<std::string> set_aside = {};
    std::function<void()> after_chunk = {}; ///< may be empty
};

/// How many rows of the whole table still need work, counted chunk by chunk. Always 0 for work
/// without `needs_work`, where no row tells whether it is done. Throws Error{interrupted} when stop
/// is requested.
[[nodiscard]] Remaining count_remaining(Session& session, const BackfillWork& work,
                                        const std::stop_token& stop,
                                        const RemainingRequest& request = {});

} // namespace sluice
