#include "sluice/backfill/worker.h"

#include "sluice/backfill/attempts.h"
#include "sluice/backfill/connections.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/walk.h"
#include "sluice/backfill/watch.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool shares_one(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::any_of(a.begin(), a.end(), [&b](const std::string& key) {
        return std::find(b.begin(), b.end(), key) != b.end();
    });
}

std::string in_need(std::int64_t rows, const TableName& table)
{
    return fmt::format("{} of table \"{}\" still {} work", counted(rows, "row"), display(table),
                       rows == 1 ? "needs" : "need");
}

Error never_done(const BackfillWork& work, const Remaining& remaining)
{
    std::string keys;
    for (std::size_t n = 0; n < std::min<std::size_t>(remaining.examples.size(), 5); ++n) {
        keys += (n == 0 ? "" : ", ") + remaining.examples[n];
    }
    return {ErrorKind::definition,
            fmt::format("{} after they were worked on, among them {}",
                        in_need(remaining.rows, work.table), keys),
            {.hint = "The work must make its own condition false: look at one of these rows, and "
                     "correct `set` or `where`."}};
}

/// Pass after pass until nothing is left.
class Worker {
public:
    Worker(const Connect& connect, Clock& clock, Listener& listener, const std::stop_token& stop,
           std::int64_t run, const BackfillWork& work, const BackfillOptions& options)
        : connections_(connect, run)
        , attempts_(connections_, clock, listener, stop, work.table, options.max_attempts)
        , watch_(attempts_, connections_, clock, listener, run,
                 options.wait_while_paused ? WhilePaused::wait : WhilePaused::leave)
        , walk_(attempts_, watch_, connections_, clock, listener, work, options.actor)
        , listener_(listener)
        , stop_(stop)
        , work_(work)
    {
        attempts_.on_failure = [this](Cause cause, int attempt) {
            watch_.count_retry();
            walk_.after_failure(cause, attempt);
        };
    }

    BackfillEnd run();

    void give_up(const Error& error) noexcept { watch_.give_up(error); }

private:
    void check_plan();
    void open_pass();
    void begin_next_pass();
    [[nodiscard]] Remaining final_check(const Remaining& before);

    WorkerConnections connections_;
    Attempts attempts_;
    Watch watch_;
    Walk walk_;
    Listener& listener_;
    const std::stop_token& stop_;
    const BackfillWork& work_;
};

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

/// The upper bound is read after every trigger was committed, in a statement of its own. Of several
/// workers that find the pass unopened only one opens it.
void Worker::open_pass()
{
    Session& session = connections_.control();
    const Dialect& dialect = session.dialect();
    const int from = watch_.run().pass;
    const auto last =
        read_key(session.query(last_key_query(dialect, work_.table, work_.key)), work_.key);
    const std::int64_t estimate =
        from > 0
            ? watch_.run().estimated_rows
            : std::stoll(session.query(dialect.estimate_rows(work_.table))[0][0].value_or("0"));
    Transaction transaction(session);
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("run") << " SET pass = ";
    sql.bind(static_cast<long long>(from) + 1) << ", estimated_rows = ";
    sql.bind(static_cast<long long>(estimate)) << " WHERE id = ";
    sql.bind(static_cast<long long>(watch_.run().id)) << " AND pass = ";
    sql.bind(static_cast<long long>(from));
    if (session.execute(sql.take()) == 1) {
        Ranges(session).open_pass(watch_.run().id, from + 1, {}, last ? encode_key(*last) : "");
    }
    transaction.commit();
}

void Worker::begin_next_pass()
{
    attempts_.run("begin a pass", [this] {
        watch_.look();
        if (watch_.run().pass == 0) {
            check_plan();
        }
        open_pass();
        watch_.look();
    });
}

/// Not on the connection of the batches, whose planner is bound to the key. A sweep that leaves the
/// same rows as before would be repeated for ever.
Remaining Worker::final_check(const Remaining& before)
{
    Remaining now = attempts_.run("final check", [this] {
        return count_remaining(connections_.control(), work_, stop_,
                               {.milestones = walk_.milestones()});
    });
    if (before.rows > 0 && now.rows >= before.rows && shares_one(before.examples, now.examples)) {
        throw never_done(work_, now);
    }
    if (now.rows > 0) {
        listener_.on(Note{in_need(now.rows, work_.table) + ": another pass"});
    }
    return now;
}

BackfillEnd Worker::run()
{
    watch_.look_until_seen();
    if (watch_.run().state == RunState::done) {
        return BackfillEnd::done;
    }
    if (watch_.obey() == Wish::cancel) {
        return BackfillEnd::cancelled;
    }
    if (watch_.run().pass == 0) {
        begin_next_pass();
    }
    for (Remaining before;;) {
        if (walk_.finish_pass() == Wish::cancel) {
            return BackfillEnd::cancelled;
        }
        if (watch_.run().state == RunState::done) {
            return BackfillEnd::done; // by another worker, while this one waited
        }
        Remaining now = work_.once ? Remaining{} : final_check(before);
        if (now.rows == 0) {
            attempts_.run("note the end", [this] { watch_.observe(RunState::done); });
            return BackfillEnd::done;
        }
        before = std::move(now);
        begin_next_pass();
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
