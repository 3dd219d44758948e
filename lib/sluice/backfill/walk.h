#pragma once
// One pass over a table: takes the range, batch after batch to its upper bound, resting between,
// and closes it. Private to backfill/.

#include "sluice/backfill/attempts.h"
#include "sluice/backfill/batch.h"
#include "sluice/backfill/pacing.h"
#include "sluice/backfill/watch.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"

#include <string>
#include <vector>

namespace sluice {

class Walk {
public:
    Walk(Attempts& attempts, Watch& watch, WorkerConnections& connections, Clock& clock,
         Listener& listener, const BackfillWork& work, const Actor& actor);

    /// Until the range is closed, by us or by another who took it over.
    [[nodiscard]] Wish finish_pass();

    /// Positions about every 20,000 rows, where this worker saw the pass from its beginning; else
    /// none.
    [[nodiscard]] std::vector<std::string> milestones() const;

    /// A batch failed and will be tried again.
    void after_failure(Cause cause, int attempt);

private:
    [[nodiscard]] Wish take_range();
    void start();
    [[nodiscard]] Wish walk();
    [[nodiscard]] BatchResult batch();
    [[nodiscard]] Held held() const;
    [[nodiscard]] Wish after_stop();
    void after_batch(const BatchResult& result, Microseconds took);
    void rest(Microseconds duration);

    Attempts& attempts_;
    Watch& watch_;
    WorkerConnections& connections_;
    Clock& clock_;
    Listener& listener_;
    const BackfillWork& work_;
    const Actor& actor_;

    BatchSize size_;
    Rate rate_;
    SteadyTime batch_began_{};
    bool must_look_ = true;
    int unexplained_stops_ = 0;
    std::vector<std::string> milestones_;
    std::int64_t rows_since_milestone_ = 0;
    bool saw_whole_pass_ = false;
};

} // namespace sluice
