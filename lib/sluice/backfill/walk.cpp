#include "sluice/backfill/walk.h"

#include "sluice/backfill/cuts.h"
#include "sluice/backfill/share.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds slice{100}; ///< the longest sleep without a look at the run
constexpr std::chrono::seconds least_lease{30};
constexpr int most_unexplained_stops = 20;
constexpr int most_halvings = 10;
constexpr std::int64_t least_rows = 10; ///< of a batch whose rows were locked

/// Long enough that the lease does not end while its holder rests.
std::chrono::seconds lease_for(const Pace& pace)
{
    return least_lease + std::chrono::ceil<std::chrono::seconds>(pace.sleep);
}

bool is_done(const RangeRecord& range)
{
    return range.state == RangeState::done;
}

bool may_be_claimed(const RangeRecord& range)
{
    return !is_done(range) && (range.is_free || is_gone(owner_from(range.lease_owner)));
}

} // namespace

Walk::Walk(Attempts& attempts, Watch& watch, WorkerConnections& connections, Clock& clock,
           Listener& listener, const BackfillWork& work, const Actor& actor, Milestones& milestones,
           SharedMonitor& monitor, Post& post)
    : attempts_(attempts)
    , watch_(watch)
    , connections_(connections)
    , clock_(clock)
    , listener_(listener)
    , work_(work)
    , actor_(actor)
    , milestones_(milestones)
    , monitor_(monitor)
    , post_(post)
    , isolation_(work, listener)
    , random_(std::random_device{}())
{
}

double Walk::jitter()
{
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

void Walk::after_failure(Cause cause, int attempt)
{
    if (cause == Cause::statement_timeout) {
        servo_.halve(watch_.run().pace);
    }
    if (cause == Cause::lock_timeout) {
        // A second one in a row is no accident: fewer rows are fewer locks. But it is not the work
        // that is slow: the size that was found for it stays as it is.
        halvings_ = std::max(halvings_, std::min(attempt - 1, most_halvings));
        monitor_.note_busy();
    }
    must_look_ = true;
}

Wish Walk::work_pass()
{
    for (;;) {
        if (watch_.obey() == Wish::cancel) {
            return Wish::cancel;
        }
        if (watch_.run().state == RunState::done || !post_.heed(watch_.run().pace)) {
            return Wish::go_on;
        }
        switch (take_range()) {
        case Taken::pass_is_over:
            return Wish::go_on;
        case Taken::none:
            attempts_.sleep(slice);
            continue;
        case Taken::range:
            break;
        }
        if (walk_range()) {
            close();
        }
        if (is_cancelled_) {
            return Wish::cancel;
        }
    }
}

/// A free range, or else a part of one that another worker has.
Walk::Taken Walk::take_range()
{
    std::vector<RangeRecord> ranges = attempts_.run(
        "look for a range", [this] { return Ranges(connections_.control()).all(watch_.run().id); });
    if (std::all_of(ranges.begin(), ranges.end(), is_done)) {
        return Taken::pass_is_over;
    }
    std::shuffle(ranges.begin(), ranges.end(), random_); // workers that begin together do not meet
    for (const RangeRecord& range : ranges) {
        if (may_be_claimed(range) && claim(range)) {
            start();
            return Taken::range;
        }
    }
    if (const std::optional<int> part = split(ranges)) {
        if (claim({.run = watch_.run().id, .ordinal = *part})) {
            start();
            return Taken::range;
        }
    }
    tell_who_works(ranges);
    return Taken::none;
}

bool Walk::claim(const RangeRecord& range)
{
    watch_.hold(range.ordinal, new_token());
    const bool taken = attempts_.run("take the range", [&] {
        return Ranges(connections_.control())
            .claim(watch_.run().id, range.ordinal, actor_, watch_.held().token,
                   lease_for(watch_.run().pace));
    });
    watch_.look_until_seen();
    // A claim whose reply was lost may have succeeded, and the range may have been closed or
    // opened anew meanwhile: the row tells.
    if ((taken || watch_.range().lease_token == watch_.held().token) && watch_.is_held()) {
        return true;
    }
    attempts_.run("give the range back",
                  [this] { Ranges(connections_.control()).release(watch_.held()); });
    return false;
}

/// Where there is one writer a second worker only waits for the first.
std::optional<int> Walk::split(const std::vector<RangeRecord>& ranges)
{
    return attempts_.run("share a range", [&]() -> std::optional<int> {
        if (connections_.control().dialect().capabilities().one_writer) {
            return std::nullopt;
        }
        return split_largest(connections_.control(), work_, ranges,
                             least_rows_to_share(watch_.run().pace));
    });
}

/// That the others of this process work is nothing to tell.
void Walk::tell_who_works(const std::vector<RangeRecord>& ranges)
{
    const std::string us = owner_text(actor_);
    const bool is_alone = watch_.run().pace.workers == 1;
    const auto other = std::find_if(ranges.begin(), ranges.end(), [&](const RangeRecord& range) {
        return !is_done(range) && (is_alone || range.lease_owner != us);
    });
    if (other != ranges.end()) {
        const Actor worker = owner_from(other->lease_owner);
        watch_.tell_waiting(fmt::format("held by {} (pid {})", worker.host, worker.pid));
    }
}

void Walk::start()
{
    watch_.tell_waiting({});
    attempts_.run("note the start", [this] { watch_.observe(RunState::running); });
    milestones_.begin(watch_.range());
}

/// Batch after batch to the range's upper bound.
bool Walk::walk_range()
{
    for (;;) {
        attempts_.stop_if_asked();
        if (watch_.is_throttled()) {
            if (!keeps_range_after_wait()) {
                return false;
            }
            continue;
        }
        const BatchResult result = attempts_.run("batch", [this] { return batch(); });
        if (result.end == BatchEnd::stopped) {
            if (!keeps_range_after_wait()) {
                return false;
            }
            continue;
        }
        const auto took =
            std::chrono::duration_cast<Microseconds>(clock_.steady_now() - batch_began_);
        after_batch(result, took);
        if (result.end == BatchEnd::finished) {
            return true;
        }
        if (is_to_leave()) {
            return false;
        }
        // The connection may have been lost since the batch: it is opened anew here.
        const Capabilities can = attempts_.run(
            "connect again", [this] { return connections_.batches().dialect().capabilities(); });
        rest(rest_after(watch_.run().pace, can, took, result.rows_changed, jitter()));
    }
}

/// Repeated after a lost reply it finds the range closed already.
void Walk::close()
{
    attempts_.run("close the range", [this] {
        (void)Ranges(connections_.control()).close(watch_.held());
        watch_.look();
    });
}

BatchResult Walk::batch()
{
    if (must_look_) {
        watch_.look();
        must_look_ = false;
    }
    Session& session = connections_.batches();
    batch_began_ = clock_.steady_now();
    return isolation_.batch(session,
                            {.held = watch_.held(),
                             .cursor = watch_.range().cursor,
                             .upper = watch_.range().upper,
                             .rows = rows_of_batch(),
                             .lease = lease_for(watch_.run().pace),
                             .has_begun = [this] { batch_began_ = clock_.steady_now(); }},
                            watch_.run().pace);
}

std::int64_t Walk::rows_of_batch() const
{
    const std::int64_t rows = servo_.rows(watch_.run().pace);
    return std::max(rows >> halvings_, std::min(rows, least_rows));
}

/// The fence was shut, or the signals hold. People may want it so, another may have the range or a
/// part of it; or the cursor is not where it was believed to be, and the look at it has put that
/// right.
bool Walk::keeps_range_after_wait()
{
    const std::string cursor = watch_.range().cursor;
    const std::string upper = watch_.range().upper;
    is_cancelled_ = watch_.obey() == Wish::cancel;
    if (is_cancelled_ || !watch_.is_held() || is_to_leave()) {
        return false;
    }
    const bool is_explained = watch_.range().cursor != cursor || watch_.range().upper != upper;
    unexplained_stops_ = is_explained ? 0 : unexplained_stops_ + 1;
    if (unexplained_stops_ > most_unexplained_stops) {
        throw Error(ErrorKind::internal, "the range does not move and nothing says why");
    }
    return true;
}

/// Fewer workers are wanted: the range is for another.
bool Walk::is_to_leave()
{
    if (post_.heed(watch_.run().pace)) {
        return false;
    }
    watch_.release();
    return true;
}

void Walk::after_batch(const BatchResult& result, Microseconds took)
{
    unexplained_stops_ = 0;
    watch_.add(result);
    milestones_.passed(watch_.held().ordinal, result.rows_scanned, result.cursor);
    if (result.rows_scanned == 0) {
        return; // only the end was left to find, or a row that cannot be changed
    }
    const RunRecord& run = watch_.run();
    servo_.after_batch(run.pace, result.rows_scanned, took);
    monitor_.note_batch(took);
    halvings_ = std::max(halvings_ - 1, 0);
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
    watch_.observe_progress(servo_.rhythm(run.pace));
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
