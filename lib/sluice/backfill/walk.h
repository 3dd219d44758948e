#pragma once
// A worker's way through a pass: takes a range, batch after batch to its upper bound, resting
// between, closes it, takes the next; where none is free it cuts one that is large. Private to
// backfill/.

#include "sluice/backfill/attempts.h"
#include "sluice/backfill/isolation.h"
#include "sluice/backfill/milestones.h"
#include "sluice/backfill/pacing.h"
#include "sluice/backfill/watch.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"
#include "sluice/throttle/servo.h"

#include <random>
#include <string>
#include <vector>

namespace sluice {

/// Where a worker stands among those of its process. Called by the worker's own thread.
class Post {
public:
    Post() = default;
    Post(const Post&) = delete;
    Post& operator=(const Post&) = delete;
    virtual ~Post() = default;

    /// The pace as the last look at the run or the last batch showed it. False: fewer workers are
    /// wanted, and this one is to leave.
    [[nodiscard]] virtual bool heed(const Pace& pace) = 0;
};

class Walk {
public:
    Walk(Attempts& attempts, Watch& watch, WorkerConnections& connections, Clock& clock,
         Listener& listener, const BackfillWork& work, const Actor& actor, Milestones& milestones,
         SharedMonitor& monitor, Post& post);

    /// Until every range of the pass is closed, by whomever; or until this worker is to leave.
    [[nodiscard]] Wish work_pass();

    /// A batch failed and will be tried again.
    void after_failure(Cause cause, int attempt);

private:
    enum class Taken { range, none, pass_is_over };

    [[nodiscard]] Taken take_range();
    [[nodiscard]] bool claim(const RangeRecord& range);
    [[nodiscard]] std::optional<int> split(const std::vector<RangeRecord>& ranges);
    void tell_who_works(const std::vector<RangeRecord>& ranges);
    void start();
    /// False: the range was taken away, or is left because fewer workers are wanted.
    [[nodiscard]] bool walk_range();
    void close();
    [[nodiscard]] BatchResult batch();
    [[nodiscard]] std::int64_t rows_of_batch() const;
    [[nodiscard]] bool keeps_range_after_wait();
    [[nodiscard]] bool is_to_leave();
    void after_batch(const BatchResult& result, Microseconds took);
    void rest(Microseconds duration);
    [[nodiscard]] double jitter();

    Attempts& attempts_;
    Watch& watch_;
    WorkerConnections& connections_;
    Clock& clock_;
    Listener& listener_;
    const BackfillWork& work_;
    const Actor& actor_;
    Milestones& milestones_;
    SharedMonitor& monitor_;
    Post& post_;

    Isolation isolation_;
    Servo servo_;
    Rate rate_;
    std::mt19937 random_;
    SteadyTime batch_began_{};
    bool must_look_ = true;
    bool is_cancelled_ = false;
    int unexplained_stops_ = 0;
    int halvings_ = 0; ///< of the next batch, because locks were not granted
};

} // namespace sluice
