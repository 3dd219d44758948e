#pragma once
// A worker takes a run from wherever it is to its end: pass after pass, batch after batch, resting
// between, obeying what people ask for within one batch, trying again after what passes by itself,
// and ending only when a final check of the whole table finds no row that still needs work.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"
#include "sluice/state/runs.h"

#include <cstdint>
#include <optional>
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
    int max_attempts = 10;         ///< for one batch, before the run is marked failed
    bool wait_while_paused = true; ///< false: return `interrupted` instead of waiting for a resume
};

/// `connect` is asked for as many sessions as needed, again after a lost connection. Throws Error
/// when the run failed; the run's row says so too, with the checkpoint kept.
[[nodiscard]] BackfillEnd run_backfill(const Connect& connect, Clock& clock, Listener& listener,
                                       const std::stop_token& stop, std::int64_t run,
                                       const BackfillWork& work, const BackfillOptions& options);

/// How many rows of the whole table still need work, counted chunk by chunk; stops counting at
/// `limit`. The keys of the first 20 are returned in `examples`. Always 0 for work without
/// `needs_work`, where no row tells whether it is done. Throws Error{interrupted} when stop is
/// requested.
struct Remaining {
    std::int64_t rows = 0;
    std::vector<std::string> examples; ///< encoded keys
};

[[nodiscard]] Remaining count_remaining(Session& session, const BackfillWork& work,
                                        const std::stop_token& stop, std::int64_t limit);

} // namespace sluice
