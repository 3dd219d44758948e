#include "sluice/backfill/worker.h"

#include "sluice/backfill/batch.h"
#include "sluice/backfill/connections.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/pacing.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds slice{100}; ///< the longest sleep without a look at the run
constexpr std::chrono::seconds least_lease{30};
constexpr std::chrono::seconds observe_every{1};
constexpr std::int64_t chunk_rows = 20'000; ///< of the final check
constexpr int most_unexplained_stops = 20;

Error interruption()
{
    return {ErrorKind::interrupted, "asked to stop"};
}

std::string new_token()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

bool shares_one(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::any_of(a.begin(), a.end(), [&b](const std::string& key) {
        return std::find(b.begin(), b.end(), key) != b.end();
    });
}

Error never_done(const BackfillWork& work, const Remaining& remaining)
{
    std::string keys;
    for (std::size_t n = 0; n < std::min<std::size_t>(remaining.examples.size(), 5); ++n) {
        keys += (n == 0 ? "" : ", ") + remaining.examples[n];
    }
    return {ErrorKind::definition,
            fmt::format("{} rows of table \"{}\" still need work after they were worked on, among "
                        "them {}",
                        remaining.rows, display(work.table), keys),
            {.hint = "The work must make its own condition false: look at one of these rows, and "
                     "correct `set` or `where`."}};
}

class Worker {
public:
    Worker(const Connect& connect, Clock& clock, Listener& listener, const std::stop_token& stop,
           std::int64_t run, const BackfillWork& work, const BackfillOptions& options)
        : connections_(connect, run)
        , clock_(clock)
        , listener_(listener)
        , stop_(stop)
        , work_(work)
        , options_(options)
        , jitter_(std::random_device{}())
    {
        request_.run = run;
    }

    BackfillEnd run();
    void give_up(const Error& error) noexcept;

private:
    enum class Wish { go_on, cancel };

    template <class Job> auto attempt(std::string_view what, const Job& job);
    void recover(std::string_view what, const Error& error, int attempt);
    void pause_for(Microseconds duration);

    void look();
    std::string reason_to_wait();
    Wish obey();
    void wait_until_wanted();
    void check_plan();
    void begin_pass(int from);
    void begin_next_pass();
    Wish finish_pass();
    Wish take_range();
    void start_or_release();
    void mark_start();
    Wish walk();
    void after_batch(const BatchResult& result, Microseconds took);
    void rest(Microseconds duration);
    void observe(RunState state, std::string_view wait_reason = {});
    void tell_waiting(std::string_view reason);
    Remaining check(const Remaining& before);

    WorkerConnections connections_;
    Clock& clock_;
    Listener& listener_;
    const std::stop_token& stop_;
    const BackfillWork& work_;
    const BackfillOptions& options_;
    std::mt19937 jitter_;

    BatchRequest request_;
    RunRecord record_;
    RangeRecord range_;
    BatchSize size_;
    Rate rate_;
    SteadyTime observed_at_{};
    std::string told_reason_;
    std::vector<std::string> milestones_; ///< of this pass, one every chunk_rows rows
    std::int64_t rows_since_milestone_ = 0;
    bool walked_whole_pass_ = false; ///< else the first chunk might be most of the table
    std::int64_t retries_ = 0;       ///< not yet noted in the range
    bool must_look_ = true;
};

/// Runs a job until it succeeds or fails for good. The sessions may be new ones each time.
template <class Job> auto Worker::attempt(std::string_view what, const Job& job)
{
    for (int n = 1;; ++n) {
        try {
            return job();
        } catch (const Error& error) {
            recover(what, error, n);
        }
    }
}

void Worker::recover(std::string_view what, const Error& error, int attempt)
{
    if (!is_retryable(error.details.cause) || attempt >= options_.max_attempts) {
        throw error;
    }
    const Cause cause = error.details.cause;
    if (cause == Cause::connection_lost) {
        connections_.drop();
    }
    // A second time-out in a row is no accident: fewer rows are fewer locks and less time.
    if (cause == Cause::statement_timeout || (cause == Cause::lock_timeout && attempt > 1)) {
        size_.halve(record_.pace);
    }
    must_look_ = true;
    ++retries_;
    const Milliseconds delay =
        backoff(attempt, std::uniform_real_distribution<double>(0, 1)(jitter_));
    listener_.on(Retrying{
        .what = std::string(what), .attempt = attempt, .delay = delay, .error = error.message});
    pause_for(delay);
}

void Worker::pause_for(Microseconds duration)
{
    clock_.sleep(duration, stop_);
    if (stop_.stop_requested()) {
        throw interruption();
    }
}

/// Reads back where run and range really are: at the start, after trouble, when the fence is shut.
void Worker::look()
{
    Runs runs(connections_.control());
    const auto found = runs.find(request_.run);
    if (!found) {
        throw Error(ErrorKind::usage, fmt::format("there is no run {}", request_.run));
    }
    record_ = *found;
    const std::vector<RangeRecord> ranges = runs.ranges(request_.run);
    range_ = ranges.empty() ? RangeRecord{} : ranges.front();
    request_.upper = range_.upper;
    request_.cursor = range_.cursor;
    must_look_ = false;
}

/// Why no batch may run now; empty: one may.
std::string Worker::reason_to_wait()
{
    if (record_.desired == Desired::paused) {
        return "paused";
    }
    Session& session = connections_.control();
    const Rows brake = session.query("SELECT engaged, reason FROM " +
                                     session.dialect().state_table("brake") + " WHERE id = 1");
    if (!brake.empty() && brake[0][0] != "0") {
        const std::string why = brake[0][1].value_or("");
        return "all runs are stopped" + (why.empty() ? "" : ": " + why);
    }
    return {};
}

void Worker::observe(RunState state, std::string_view wait_reason)
{
    Runs(connections_.control()).observe(request_.run, state, wait_reason);
    if (retries_ > 0) {
        note_retries(connections_.control(), request_, retries_);
        retries_ = 0;
    }
    observed_at_ = clock_.steady_now();
}

void Worker::tell_waiting(std::string_view reason)
{
    if (told_reason_ != reason) {
        told_reason_ = reason;
        listener_.on(Waiting{.run = request_.run, .reason = told_reason_});
    }
}

/// Waits, without holding the range, for as long as people want the run to wait.
void Worker::wait_until_wanted()
{
    while (record_.desired != Desired::cancelled) {
        const std::string reason = attempt("look at the run", [this] {
            look();
            return reason_to_wait();
        });
        if (reason.empty()) {
            tell_waiting({});
            return;
        }
        if (told_reason_ != reason) {
            attempt("note the wait", [&] {
                release_range(connections_.control(), request_);
                observe(record_.desired == Desired::paused ? RunState::paused : RunState::waiting,
                        reason);
            });
            tell_waiting(reason);
        }
        if (!options_.wait_while_paused) {
            throw interruption();
        }
        pause_for(slice);
    }
}

/// What people want: called when a batch was stopped at the fence, and before the first one.
Worker::Wish Worker::obey()
{
    attempt("look at the run", [this] { look(); });
    wait_until_wanted();
    if (record_.desired != Desired::cancelled) {
        return Wish::go_on;
    }
    attempt("note the cancellation", [this] {
        release_range(connections_.control(), request_);
        observe(RunState::cancelled);
    });
    return Wish::cancel;
}

/// On the connection of the batches, whose planner is set up so that the plan stays what it is.
void Worker::check_plan()
{
    Session& session = connections_.batches();
    const Catalog catalog = read_catalog(session, {work_.table});
    const Table* table = catalog.find(work_.table);
    if (table == nullptr) {
        throw Error(ErrorKind::definition,
                    fmt::format("there is no table \"{}\"", display(work_.table)));
    }
    check_boundary_plan(session, *table, work_.key);
}

/// The upper bound is read after every trigger was committed, in a statement of its own. Only one
/// of several workers that find the pass unopened opens it.
void Worker::begin_pass(int from)
{
    if (from == 0) {
        check_plan();
    }
    Session& session = connections_.control();
    const Dialect& dialect = session.dialect();
    const auto last =
        read_key(session.query(last_key_query(dialect, work_.table, work_.key)), work_.key);
    const std::int64_t estimate =
        from == 0
            ? std::stoll(session.query(dialect.estimate_rows(work_.table))[0][0].value_or("0"))
            : record_.estimated_rows;
    Transaction transaction(session);
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("run") << " SET pass = ";
    sql.bind(static_cast<long long>(from) + 1) << ", estimated_rows = ";
    sql.bind(static_cast<long long>(estimate)) << " WHERE id = ";
    sql.bind(static_cast<long long>(request_.run)) << " AND pass = ";
    sql.bind(static_cast<long long>(from));
    if (session.execute(sql.take()) == 1) {
        Runs(session).open_pass(request_.run, from + 1, last ? encode_key(*last) : "");
    }
    transaction.commit();
}

/// Waits for another owner to be done or gone, then takes the range with a new token.
Worker::Wish Worker::take_range()
{
    for (;;) {
        if (obey() == Wish::cancel) {
            return Wish::cancel;
        }
        if (range_.state == RangeState::done) {
            return Wish::go_on; // by another worker
        }
        request_.token = new_token();
        const bool taken = attempt("take the range", [this] {
            return Runs(connections_.control())
                .claim(request_.run, request_.range, options_.actor, request_.token,
                       request_.lease);
        });
        attempt("look at the run", [this] { look(); });
        // A claim whose reply was lost may have succeeded: the row tells.
        if (taken || range_.lease_token == request_.token) {
            tell_waiting({});
            attempt("note the start", [this] { start_or_release(); });
            mark_start();
            return Wish::go_on;
        }
        tell_waiting("held by " + range_.lease_owner);
        pause_for(slice);
    }
}

/// Milestones count for the final check only where this worker saw the pass from its beginning.
void Worker::mark_start()
{
    if (range_.cursor.empty()) {
        milestones_.clear();
        rows_since_milestone_ = 0;
        walked_whole_pass_ = true;
    } else if (milestones_.empty()) {
        walked_whole_pass_ = false;
    }
}

/// The range may have been closed between the look at it and the claim.
void Worker::start_or_release()
{
    if (range_.state == RangeState::done) {
        release_range(connections_.control(), request_);
    } else {
        observe(RunState::running);
    }
}

void Worker::rest(Microseconds duration)
{
    const SteadyTime until = clock_.steady_now() + duration;
    for (auto left = duration; left > Microseconds{0};) {
        pause_for(std::min<Microseconds>(left, slice));
        left = std::chrono::duration_cast<Microseconds>(until - clock_.steady_now());
        if (left <= Microseconds{0}) {
            return;
        }
        const Pace before = record_.pace;
        attempt("look at the run", [this] { look(); });
        if (record_.desired != Desired::running || record_.pace != before) {
            return; // the next batch meets the fence, or takes the new pace
        }
    }
}

void Worker::after_batch(const BatchResult& result, Microseconds took)
{
    const SteadyTime now = clock_.steady_now();
    request_.cursor = result.cursor;
    record_.rows_scanned += result.rows_scanned;
    record_.rows_changed += result.rows_changed;
    record_.pace = result.pace;
    if (result.rows_scanned == 0) {
        return; // only the end was left to find
    }
    rows_since_milestone_ += result.rows_scanned;
    if (rows_since_milestone_ >= chunk_rows) {
        rows_since_milestone_ = 0;
        milestones_.push_back(result.cursor);
    }
    size_.succeeded(record_.pace);
    rate_.add(now, result.rows_scanned);
    listener_.on(BatchDone{.run = request_.run,
                           .table = display(work_.table),
                           .rows_scanned = record_.rows_scanned,
                           .rows_changed = record_.rows_changed,
                           .estimated_rows = record_.estimated_rows,
                           .rows_per_second = rate_.per_second(now),
                           .batch_time = took,
                           .batch_rows = result.rows_scanned,
                           .pass = record_.pass});
    if (now - observed_at_ >= observe_every) {
        attempt("note the progress", [this] { observe(RunState::running); });
    }
}

/// Batch after batch to the range's upper bound.
Worker::Wish Worker::walk()
{
    int unexplained = 0;
    for (;;) {
        if (stop_.stop_requested()) {
            throw interruption();
        }
        SteadyTime began;
        const BatchResult result = attempt("batch", [&] {
            if (must_look_) {
                look();
            }
            request_.rows = size_.rows(record_.pace);
            request_.lease =
                least_lease + std::chrono::ceil<std::chrono::seconds>(record_.pace.sleep);
            began = clock_.steady_now();
            return run_batch(connections_.batches(), work_, request_);
        });
        if (result.end == BatchEnd::stopped) {
            const std::string cursor = request_.cursor;
            if (obey() == Wish::cancel) {
                return Wish::cancel;
            }
            if (range_.lease_token != request_.token && take_range() == Wish::cancel) {
                return Wish::cancel;
            }
            unexplained = request_.cursor == cursor ? unexplained + 1 : 0;
            if (unexplained > most_unexplained_stops) {
                throw Error(ErrorKind::internal, "the range does not move and nothing says why");
            }
            continue;
        }
        unexplained = 0;
        const auto took = std::chrono::duration_cast<Microseconds>(clock_.steady_now() - began);
        after_batch(result, took);
        if (result.end == BatchEnd::finished) {
            return Wish::go_on;
        }
        const Capabilities& can = connections_.batches().dialect().capabilities();
        rest(rest_after(record_.pace, can, took, result.rows_changed));
    }
}

/// The final check. A sweep that leaves the same rows as before would be repeated for ever.
Remaining Worker::check(const Remaining& before)
{
    Remaining now = attempt("final check", [this] {
        return count_remaining(
            connections_.batches(), work_, stop_,
            {.milestones = walked_whole_pass_ ? milestones_ : std::vector<std::string>{}});
    });
    if (before.rows > 0 && now.rows >= before.rows && shares_one(before.examples, now.examples)) {
        throw never_done(work_, now);
    }
    if (now.rows > 0) {
        listener_.on(Note{fmt::format("{} rows of table \"{}\" still need work: another pass",
                                      now.rows, display(work_.table))});
    }
    return now;
}

BackfillEnd Worker::run()
{
    attempt("look at the run", [this] { look(); });
    if (record_.state == RunState::done) {
        return BackfillEnd::done;
    }
    if (obey() == Wish::cancel) {
        return BackfillEnd::cancelled;
    }
    if (record_.pass == 0) {
        begin_next_pass();
    }
    for (Remaining before;;) {
        if (range_.state == RangeState::open && finish_pass() == Wish::cancel) {
            return BackfillEnd::cancelled;
        }
        if (record_.state == RunState::done) {
            return BackfillEnd::done; // by another worker, while this one waited
        }
        Remaining now = work_.once ? Remaining{} : check(before);
        if (now.rows == 0) {
            attempt("note the end", [this] { observe(RunState::done); });
            return BackfillEnd::done;
        }
        before = std::move(now);
        begin_next_pass();
    }
}

void Worker::begin_next_pass()
{
    attempt("begin a pass", [this] {
        look();
        begin_pass(record_.pass);
        look();
    });
}

/// Until the range is closed, by us or by another who took it over.
Worker::Wish Worker::finish_pass()
{
    while (range_.state == RangeState::open && record_.state != RunState::done) {
        if (take_range() == Wish::cancel) {
            return Wish::cancel;
        }
        if (range_.state == RangeState::done) {
            return Wish::go_on;
        }
        if (walk() == Wish::cancel) {
            return Wish::cancel;
        }
        attempt("close the range", [this] {
            // Repeated after a lost reply it finds the range closed already.
            (void)close_range(connections_.control(), request_);
            look();
        });
    }
    return Wish::go_on;
}

void Worker::give_up(const Error& error) noexcept
{
    try {
        release_range(connections_.control(), request_);
        Runs runs(connections_.control());
        if (error.kind != ErrorKind::interrupted) {
            runs.observe(request_.run, RunState::failed, {}, error.message);
        } else if (told_reason_.empty()) {
            runs.observe(request_.run, RunState::waiting, "interrupted: no worker");
        }
    } catch (const std::exception&) {
        // The connection is gone, or the database is: the lease ends by itself, and the error that
        // led here says more than this one.
    }
}

} // namespace

BackfillEnd run_backfill(const Connect& connect, Clock& clock, Listener& listener,
                         const std::stop_token& stop, std::int64_t run, const BackfillWork& work,
                         const BackfillOptions& options)
{
    Worker worker(connect, clock, listener, stop, run, work, options);
    try {
        return worker.run();
    } catch (const Error& error) {
        worker.give_up(error);
        if (error.kind == ErrorKind::interrupted) {
            return BackfillEnd::interrupted;
        }
        throw;
    }
}

} // namespace sluice
