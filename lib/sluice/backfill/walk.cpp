#include "sluice/backfill/walk.h"

#include "sluice/backfill/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds slice{100}; ///< the longest sleep without a look at the run
constexpr std::chrono::seconds least_lease{30};
constexpr int most_unexplained_stops = 20;

std::string new_token()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// Long enough that the lease does not end while its holder rests.
std::chrono::seconds lease_for(const Pace& pace)
{
    return least_lease + std::chrono::ceil<std::chrono::seconds>(pace.sleep);
}

} // namespace

Walk::Walk(Attempts& attempts, Watch& watch, WorkerConnections& connections, Clock& clock,
           Listener& listener, const BackfillWork& work, const Actor& actor)
    : attempts_(attempts)
    , watch_(watch)
    , connections_(connections)
    , clock_(clock)
    , listener_(listener)
    , work_(work)
    , actor_(actor)
{
}

std::vector<std::string> Walk::milestones() const
{
    return saw_whole_pass_ ? milestones_ : std::vector<std::string>{};
}

void Walk::after_failure(Cause cause, int attempt)
{
    // A second lock time-out in a row is no accident: fewer rows are fewer locks and less time.
    if (cause == Cause::statement_timeout || (cause == Cause::lock_timeout && attempt > 1)) {
        size_.halve(watch_.run().pace);
    }
    must_look_ = true;
}

Wish Walk::finish_pass()
{
    while (!watch_.is_range_done() && watch_.run().state != RunState::done) {
        if (take_range() == Wish::cancel) {
            return Wish::cancel;
        }
        if (watch_.is_range_done()) {
            return Wish::go_on;
        }
        if (walk() == Wish::cancel) {
            return Wish::cancel;
        }
        attempts_.run("close the range", [this] {
            // Repeated after a lost reply it finds the range closed already.
            (void)Ranges(connections_.control()).close(held());
            watch_.look();
        });
    }
    return Wish::go_on;
}

/// Waits for another owner to be done or gone, then takes the range with a new token.
Wish Walk::take_range()
{
    for (;;) {
        if (watch_.obey() == Wish::cancel) {
            return Wish::cancel;
        }
        if (watch_.is_range_done()) {
            return Wish::go_on; // by another worker
        }
        watch_.hold_with(new_token());
        const bool taken = attempts_.run("take the range", [this] {
            return Ranges(connections_.control())
                .claim(watch_.run().id, 1, actor_, watch_.token(), lease_for(watch_.run().pace));
        });
        watch_.look_until_seen();
        // A claim whose reply was lost may have succeeded: the row tells.
        if (taken || watch_.range().lease_token == watch_.token()) {
            start();
            return Wish::go_on;
        }
        watch_.tell_waiting("held by " + watch_.range().lease_owner);
        attempts_.sleep(slice);
    }
}

void Walk::start()
{
    watch_.tell_waiting({});
    attempts_.run("note the start", [this] {
        if (watch_.is_range_done()) { // closed between the look at it and the claim
            Ranges(connections_.control()).release(held());
        } else {
            watch_.observe(RunState::running);
        }
    });
    if (watch_.range().cursor.empty()) {
        milestones_.clear();
        rows_since_milestone_ = 0;
        saw_whole_pass_ = true;
    } else if (milestones_.empty()) {
        saw_whole_pass_ = false;
    }
}

/// Batch after batch to the range's upper bound.
Wish Walk::walk()
{
    for (;;) {
        attempts_.stop_if_asked();
        const BatchResult result = attempts_.run("batch", [this] { return batch(); });
        if (result.end == BatchEnd::stopped) {
            if (after_stop() == Wish::cancel) {
                return Wish::cancel;
            }
            continue;
        }
        const auto took =
            std::chrono::duration_cast<Microseconds>(clock_.steady_now() - batch_began_);
        after_batch(result, took);
        if (result.end == BatchEnd::finished) {
            return Wish::go_on;
        }
        const Capabilities& can = connections_.batches().dialect().capabilities();
        rest(rest_after(watch_.run().pace, can, took, result.rows_changed));
    }
}

Held Walk::held() const
{
    return {.run = watch_.run().id, .ordinal = 1, .token = watch_.token()};
}

BatchResult Walk::batch()
{
    if (must_look_) {
        watch_.look();
        must_look_ = false;
    }
    Session& session = connections_.batches();
    batch_began_ = clock_.steady_now();
    return run_batch(session, work_,
                     {.held = held(),
                      .cursor = watch_.range().cursor,
                      .upper = watch_.range().upper,
                      .rows = size_.rows(watch_.run().pace),
                      .lease = lease_for(watch_.run().pace)});
}

/// The fence was shut. People may want it so, another may have the range; or the cursor is not
/// where it was believed to be, and the look at it has put that right.
Wish Walk::after_stop()
{
    const std::string cursor = watch_.range().cursor;
    if (watch_.obey() == Wish::cancel) {
        return Wish::cancel;
    }
    if (watch_.range().lease_token != watch_.token() && take_range() == Wish::cancel) {
        return Wish::cancel;
    }
    unexplained_stops_ = watch_.range().cursor == cursor ? unexplained_stops_ + 1 : 0;
    if (unexplained_stops_ > most_unexplained_stops) {
        throw Error(ErrorKind::internal, "the range does not move and nothing says why");
    }
    return Wish::go_on;
}

void Walk::after_batch(const BatchResult& result, Microseconds took)
{
    unexplained_stops_ = 0;
    watch_.add(result);
    if (result.rows_scanned == 0) {
        return; // only the end was left to find
    }
    rows_since_milestone_ += result.rows_scanned;
    if (rows_since_milestone_ >= check_chunk_rows) {
        rows_since_milestone_ = 0;
        milestones_.push_back(result.cursor);
    }
    const RunRecord& run = watch_.run();
    size_.succeeded(run.pace);
    rate_.add(clock_.steady_now(), result.rows_scanned);
    listener_.on(BatchDone{.run = run.id,
                           .table = display(work_.table),
                           .rows_scanned = run.rows_scanned,
                           .rows_changed = run.rows_changed,
                           .estimated_rows = run.estimated_rows,
                           .rows_per_second = rate_.per_second(clock_.steady_now()),
                           .batch_time = took,
                           .batch_rows = result.rows_scanned,
                           .pass = run.pass});
    watch_.observe_progress();
}

void Walk::rest(Microseconds duration)
{
    const SteadyTime until = clock_.steady_now() + duration;
    for (Microseconds left = duration; left > Microseconds{0};) {
        attempts_.sleep(std::min<Microseconds>(left, slice));
        left = std::chrono::duration_cast<Microseconds>(until - clock_.steady_now());
        if (left <= Microseconds{0}) {
            return;
        }
        const Pace before = watch_.run().pace;
        watch_.look_until_seen();
        if (watch_.run().desired != Desired::running || watch_.run().pace != before) {
            return; // the next batch meets the fence, or takes the new pace
        }
    }
}

} // namespace sluice
