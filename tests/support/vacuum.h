#pragma once
// What the tests of vacuums share: a table full of dead rows, and workers of a run over it.

#include "sluice/backfill/backfill.h"
#include "sluice/db/dead_rows.h"
#include "sluice/state/ledger.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/throttle.h"

#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

inline constexpr int many_rows = 3000;

inline bool holds_text(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// "users", each row with a dead version before it, which nobody else vacuums; and a run over it
/// that may not begin while there are so many.
struct Bloated {
    Bloated()
    {
        make_users(database, many_rows);
        database.run("ALTER TABLE users SET (autovacuum_enabled = off)");
        database.run("ANALYZE users");
    }

    /// The session tells its statistics when it ends.
    void bloat() const { database.run("UPDATE users SET n = n"); }

    std::int64_t make_run(const std::string& vacuum) const
    {
        const std::int64_t run = test::make_run(database, 500);
        Session session = database.open();
        Runs(session).set_throttle(
            run, to_json(with_rule(with_rule({}, "dead_tuples", "1000"), "vacuum", vacuum)));
        return run;
    }

    DeadRows dead_rows() const
    {
        Session session = database.open();
        return read_dead_rows(session, {"", "users"});
    }

    TestDatabase database;
};

/// A worker on a thread of its own.
class Worker {
public:
    using BeforeStatement = std::function<void(std::string_view purpose, std::string_view sql)>;

    Worker(const TestDatabase& database, std::int64_t run) : Worker(database.url(), run, {}) {}

    Worker(const Url& url, std::int64_t run, BeforeStatement before)
        : connect_([url, before = std::move(before)](SessionOptions options) {
            options.before_statement = before;
            return Session(url, std::move(options));
        })
        , end_(std::async(std::launch::async, [this, run] {
            return run_backfill(connect_, clock_, listener_, stop_.get_token(), run,
                                increment_work(), {.actor = current_actor()});
        }))
    {
    }

    ~Worker() { stop(); } // its end is waited for

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void stop() { stop_.request_stop(); }

    SteadyTime now() { return clock_.steady_now(); }

    BackfillEnd end()
    {
        REQUIRE(end_.wait_for(std::chrono::minutes{1}) == std::future_status::ready);
        return end_.get();
    }

private:
    HurriedClock clock_;
    Recorder listener_;
    std::stop_source stop_;
    Connect connect_;
    std::future<BackfillEnd> end_;
};

inline RunRecord record_of(const TestDatabase& database, std::int64_t run)
{
    Session session = database.open();
    return Runs(session).find(run).value();
}

inline void await_wait(const TestDatabase& database, std::int64_t run, const std::string& words)
{
    wait_until(words, [&] { return holds_text(record_of(database, run).wait_reason, words); });
}

inline std::vector<LedgerEntry> vacuums_of(const TestDatabase& database, std::int64_t run)
{
    Session session = database.open();
    std::vector<LedgerEntry> found;
    for (LedgerEntry& entry : read_ledger(session, 1000, "run " + std::to_string(run))) {
        if (entry.verb == "vacuum") {
            found.push_back(std::move(entry));
        }
    }
    return found;
}

inline void check_users_counted_once(const TestDatabase& database)
{
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 1") == "0");
}

/// Stops every vacuum of the table where it looks at the key's index: a scan that reads only the
/// index keeps hold of its page.
inline Session open_pinning(const TestDatabase& database)
{
    Session session = database.open();
    wait_until("its snapshot does not keep the dead rows", [&] {
        return session.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > "
                             "(SELECT xmin::text::bigint FROM users WHERE id = 3)")[0][0] == "t";
    });
    session.execute_script("SET enable_seqscan = off; SET enable_bitmapscan = off; BEGIN; "
                           "DECLARE pinning CURSOR FOR SELECT id FROM users ORDER BY id");
    (void)session.query("FETCH 1 FROM pinning");
    return session;
}

inline const std::string vacuums_at_work =
    "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'users'::regclass";

} // namespace sluice::test
