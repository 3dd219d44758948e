#include "sluice/backfill/batch.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"
#include "sluice/core/error.h"
#include "support/backfill.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>

using namespace sluice;

namespace {

/// A run whose only range is claimed with the token "mine" and reaches to the last row.
struct Claimed {
    explicit Claimed(int rows, std::int64_t batch_rows = 10)
    {
        test::make_users(database, rows);
        request.held.run = test::make_run(database, batch_rows);
        request.held.ordinal = 1;
        request.held.token = "mine";
        request.rows = batch_rows;
        request.upper = encode_key({std::to_string(3 * rows)});
        Session session = database.open();
        Ranges ranges(session);
        ranges.open_pass(request.held.run, 1, {}, request.upper);
        REQUIRE(
            ranges.claim(request.held.run, 1, current_actor(), "mine", std::chrono::seconds{30}));
    }

    /// The range gets another upper bound.
    void reach(const std::string& upper)
    {
        request.upper = upper;
        Session session = database.open();
        Sql sql = session.dialect().sql();
        sql << "UPDATE " << session.dialect().state_table("range") << " SET upper_key = ";
        sql.bind(upper) << " WHERE ordinal = 1";
        session.execute(sql.take());
    }

    BatchResult batch(const BackfillWork& work)
    {
        Session session =
            database.open({.lock_timeout = std::chrono::milliseconds{100},
                           .durability = Durability::relaxed,
                           .batch = true,
                           .simultaneous_assignments = assigns_several_columns(work)});
        return run_batch(session, work, request);
    }

    RangeRecord range() const
    {
        Session session = database.open();
        return Ranges(session).all(request.held.run).at(0);
    }

    std::string value(const std::string& query) const { return database.value(query); }

    test::TestDatabase database;
    BatchRequest request;
};

} // namespace

TEST_CASE("a batch changes its rows and moves the cursor to the last of them")
{
    Claimed run(25);
    const BatchResult result = run.batch(test::username_work());
    CHECK(result.end == BatchEnd::advanced);
    CHECK(result.rows_scanned == 10);
    CHECK(result.rows_changed == 10);
    CHECK(decode_key(result.cursor) == KeyValues{"30"});
    CHECK(run.value("SELECT count(*) FROM users WHERE username = lower(user_name)") == "10");
    CHECK(run.value("SELECT max(id) FROM users WHERE username IS NOT NULL") == "30");
    CHECK(run.range().cursor == result.cursor);
}

TEST_CASE("a row that does not need work is passed over, and not counted as changed")
{
    Claimed run(25);
    run.database.run("UPDATE users SET username = 'kept' WHERE id IN (3, 9)");
    const BatchResult result = run.batch(test::username_work());
    CHECK(result.rows_scanned == 10);
    CHECK(result.rows_changed == 8);
    CHECK(run.value("SELECT count(*) FROM users WHERE username = 'kept'") == "2");
}

TEST_CASE("the last batch of a range ends at its upper bound and counts the rows it read")
{
    Claimed run(25);
    const BackfillWork work = test::username_work();
    run.request.cursor = run.batch(work).cursor;
    run.request.cursor = run.batch(work).cursor;
    const BatchResult last = run.batch(work);
    CHECK(last.end == BatchEnd::finished);
    CHECK(last.cursor == run.request.upper);
    CHECK(last.rows_scanned == 5);
    CHECK(last.rows_changed == 5);
    const RangeRecord range = run.range();
    CHECK(range.rows_scanned == 25);
    CHECK(range.rows_changed == 25);
    CHECK(range.batches == 3);
    CHECK(range.state == RangeState::open);
    run.request.cursor = last.cursor;
    Session session = run.database.open();
    CHECK(Ranges(session).close(run.request.held));
    CHECK(run.range().state == RangeState::done);
}

TEST_CASE("a range that is not at its end, or not ours, is not closed")
{
    Claimed run(25);
    Session session = run.database.open();
    CHECK_FALSE(Ranges(session).close(run.request.held));
    run.request.rows = 100;
    CHECK(run.batch(test::username_work()).end == BatchEnd::finished);
    run.request.held.token = "another";
    CHECK_FALSE(Ranges(session).close(run.request.held));
}

TEST_CASE("a table whose rows are a multiple of the batch ends without losing the last row")
{
    Claimed run(20);
    const BackfillWork work = test::username_work();
    BatchResult result = run.batch(work);
    for (int n = 0; n < 5 && result.end == BatchEnd::advanced; ++n) {
        run.request.cursor = result.cursor;
        result = run.batch(work);
    }
    CHECK(result.end == BatchEnd::finished);
    CHECK(run.value("SELECT count(*) FROM users WHERE username IS NULL") == "0");
}

TEST_CASE("a batch is stopped at the fence when the range is another's or has moved on")
{
    Claimed run(25);
    SUBCASE("another token")
    {
        run.request.held.token = "fenced";
    }
    SUBCASE("another position")
    {
        run.request.cursor = encode_key({"3"});
    }
    SUBCASE("a range that is done")
    {
        run.database.run("UPDATE " + run.database.open().dialect().state_table("range") +
                         " SET state = 'done'");
    }
    const BatchResult result = run.batch(test::increment_work());
    CHECK(result.end == BatchEnd::stopped);
    CHECK(run.value("SELECT sum(n) FROM users") == "0");
    CHECK(run.range().cursor.empty());
}

TEST_CASE("a batch is stopped at the fence when people do not want it")
{
    Claimed run(25);
    Session session = run.database.open();
    SUBCASE("paused")
    {
        Runs(session).ask(run.request.held.run, Desired::paused);
    }
    SUBCASE("cancelled")
    {
        Runs(session).ask(run.request.held.run, Desired::cancelled);
    }
    SUBCASE("all runs stopped")
    {
        session.execute("UPDATE " + session.dialect().state_table("brake") + " SET engaged = 1");
    }
    CHECK(run.batch(test::increment_work()).end == BatchEnd::stopped);
    CHECK(run.value("SELECT sum(n) FROM users") == "0");
    CHECK(run.range().cursor.empty());
}

TEST_CASE("a batch brings the pace as it stands now")
{
    Claimed run(25);
    Session session = run.database.open();
    const Pace pace{.batch_rows = 7, .sleep = std::chrono::milliseconds{120}, .duty = 0.25};
    Runs(session).set_pace(run.request.held.run, pace);
    CHECK(run.batch(test::username_work()).pace == pace);
}

TEST_CASE("a batch renews the lease")
{
    Claimed run(25);
    const std::string before = run.range().lease_expires;
    run.request.lease = std::chrono::seconds{3600};
    CHECK(run.batch(test::username_work()).end == BatchEnd::advanced);
    CHECK(run.range().lease_expires > before);
}

TEST_CASE("a batch that fails leaves rows, cursor and counters as they were")
{
    Claimed run(25);
    run.database.run("CREATE UNIQUE INDEX users_n ON users (username)");
    BackfillWork work = test::username_work();
    work.set = {{"username", "'the same'"}};
    CHECK_THROWS_AS(run.batch(work), Error);
    CHECK(run.value("SELECT count(*) FROM users WHERE username IS NOT NULL") == "0");
    CHECK(run.range().cursor.empty());
    CHECK(run.range().rows_scanned == 0);
    CHECK(run.range().batches == 0);
}

TEST_CASE("expressions stand by themselves: comments, precedence and quotes do not leak")
{
    Claimed run(25);
    BackfillWork work = test::username_work();
    work.set = {{"username", "'it''s ' || user_name -- said so"}, {"n", "n + 1 -- and counted"}};
    if (test::engine() == Engine::mysql) {
        work.set[0].second = "concat('it''s ', user_name) -- said so";
    }
    work.needs_work = "id = 3 OR id = 6 -- not the others";
    CHECK(run.batch(work).rows_changed == 2);
    CHECK(run.value("SELECT username FROM users WHERE id = 6") == "it's User 2");
    CHECK(run.value("SELECT sum(n) FROM users") == "2");
}

TEST_CASE("every expression sees the row as it was before the batch")
{
    Claimed run(3);
    run.database.run("UPDATE users SET n = 7, username = '2'");
    BackfillWork work = test::increment_work();
    const std::string text = test::by_engine("n::text", "CAST(n AS CHAR)", "CAST(n AS TEXT)");
    const std::string number =
        test::by_engine("username::int", "CAST(username AS SIGNED)", "CAST(username AS INTEGER)");
    work.set = {{"username", text}, {"n", number}};
    CHECK(run.batch(work).rows_changed == 3);
    CHECK(run.value("SELECT sum(n) FROM users") == "6");
    CHECK(run.value("SELECT count(*) FROM users WHERE username = '7'") == "3");
}

TEST_CASE("a table and columns named like parts of the statement are no trouble")
{
    Claimed run(3);
    Session session = run.database.open();
    const Dialect& dialect = session.dialect();
    const std::string table = dialect.quote("range");
    session.execute("CREATE TABLE " + table + " (id bigint NOT NULL, " + dialect.quote("order") +
                    " integer NOT NULL, cursor_key integer, state integer, " +
                    dialect.quote("Weird \"`name") + " integer, PRIMARY KEY (id, " +
                    dialect.quote("order") + "))");
    session.execute("INSERT INTO " + table + " VALUES (1, 1, 0, 0, 0), (1, 2, 0, 0, 0)");
    const BackfillWork work{
        .table = {"", "range"},
        .key = {test::key_column(), test::key_column("order")},
        .set = {{"cursor_key", "state + 1"}, {"Weird \"`name", "cursor_key + 5"}},
        .needs_work = "cursor_key = 0",
        .once = true};
    run.reach(encode_key({"1", "2"}));
    const BatchResult result = run.batch(work);
    CHECK(result.rows_changed == 2);
    CHECK(run.value("SELECT sum(cursor_key) FROM " + table) == "2");
}

TEST_CASE("delete removes the rows that match, and only those in the range")
{
    Claimed run(25);
    BackfillWork work = test::username_work();
    work.kind = BackfillKind::remove;
    work.set.clear();
    work.needs_work = "id > 9";
    const BatchResult result = run.batch(work);
    CHECK(result.rows_scanned == 10);
    CHECK(result.rows_changed == 7);
    CHECK(run.value("SELECT count(*) FROM users") == "18");
    CHECK(run.value("SELECT count(*) FROM users WHERE id <= 9") == "3");
}

TEST_CASE("into copies rows by the target's key and leaves those that are there")
{
    Claimed run(25);
    run.database.run("CREATE TABLE names (kind varchar(5) NOT NULL, user_id bigint NOT NULL, "
                     "id bigint, name varchar(40), PRIMARY KEY (kind, user_id))");
    run.database.run("INSERT INTO names VALUES ('u', 6, 0, 'kept'), ('v', 3, 0, 'another')");
    BackfillWork work = test::username_work();
    work.kind = BackfillKind::into;
    work.into = TableName{"", "names"};
    work.into_key = {"kind", "user_id"};
    work.set = {{"kind", "'u'"}, {"user_id", "id"}, {"id", "id + 1"}, {"name", "lower(user_name)"}};
    work.needs_work = "id <> 9";
    const BatchResult result = run.batch(work);
    CHECK(result.rows_scanned == 10);
    CHECK(result.rows_changed == 8);
    CHECK(run.value("SELECT count(*) FROM names") == "10");
    CHECK(run.value("SELECT name FROM names WHERE kind = 'u' AND user_id = 6") == "kept");
    CHECK(run.value("SELECT name FROM names WHERE kind = 'u' AND user_id = 30") == "user 10");
    CHECK(run.value("SELECT id FROM names WHERE kind = 'u' AND user_id = 30") == "31");
}

TEST_CASE("into holds its source rows until it has committed, so that nothing deleted comes back")
{
    Claimed run(25);
    run.database.run("CREATE TABLE names (user_id bigint NOT NULL PRIMARY KEY, name varchar(40))");
    BackfillWork work = test::username_work();
    work.kind = BackfillKind::into;
    work.into = TableName{"", "names"};
    work.into_key = {"user_id"};
    work.set = {{"user_id", "id"}, {"name", "user_name"}};
    Cause cause = Cause::none;
    const auto delete_a_copied_row = [&] {
        Session application = run.database.open({.lock_timeout = std::chrono::milliseconds{10}});
        try {
            application.execute("DELETE FROM users WHERE id = 6");
        } catch (const Error& error) {
            cause = error.details.cause;
        }
    };
    SessionOptions options{.batch = true};
    if (test::engine() != Engine::postgresql) {
        options.before_statement = [&](std::string_view, std::string_view sql) {
            if (sql == "COMMIT") {
                delete_a_copied_row();
            }
        };
    }
    Session session = run.database.open(options);
    if (test::engine() == Engine::postgresql) { // whose batch is one statement
        session.begin();
    }
    CHECK(run_batch(session, work, run.request).rows_changed == 10);
    if (test::engine() == Engine::postgresql) {
        delete_a_copied_row();
        session.commit();
    }
    CHECK(cause == Cause::lock_timeout);
    CHECK(run.value("SELECT count(*) FROM users WHERE id = 6") == "1");
}

TEST_CASE("the application is never the victim of a conflict with a batch")
{
    Claimed run(25);
    Session application = run.database.open();
    application.begin();
    application.execute("UPDATE users SET n = 100 WHERE id = 27");
    Cause cause = Cause::none;
    std::atomic<bool> is_over{false};
    std::jthread batch([&] {
        try {
            run.request.rows = 20;
            (void)run.batch(test::increment_work());
        } catch (const Error& error) {
            cause = error.details.cause;
        }
        is_over = true;
    });
    // The batch holds the rows before 27 and wants 27; now the application wants one of those.
    if (test::engine() == Engine::postgresql) {
        while (!is_over && run.value(test::waiting_sessions) == "0") {
        }
    } else {
        batch.join(); // gives up at once
    }
    CHECK_NOTHROW(application.execute("UPDATE users SET n = 100 WHERE id = 3"));
    CHECK_NOTHROW(application.commit());
    if (batch.joinable()) {
        batch.join();
    }
    CHECK(cause == Cause::lock_timeout);
    CHECK(run.value("SELECT sum(n) FROM users") == "200");
    CHECK(run.range().cursor.empty());
}

TEST_CASE("a batch that waited at the fence while the range was taken over writes nothing")
{
    if (test::engine() != Engine::postgresql) {
        return; // the others give up at once instead of waiting: the test above
    }
    Claimed run(25);
    Session other = run.database.open();
    other.begin();
    other.execute("UPDATE sluice.range SET lease_token = 'another'");
    BatchResult result{.end = BatchEnd::advanced};
    std::jthread batch([&] {
        Session session = run.database.open({.batch = true});
        session.execute("SET lock_timeout = '1min'");
        result = run_batch(session, test::increment_work(), run.request);
    });
    while (run.value(test::waiting_sessions) == "0") {
    }
    other.commit();
    batch.join();
    CHECK(result.end == BatchEnd::stopped);
    CHECK(run.value("SELECT sum(n) FROM users") == "0");
}

TEST_CASE("a batch stops at the fence while the run is held, or its range was cut shorter")
{
    Claimed run(30);
    Session session = run.database.open();
    Runs(session).hold(run.request.held.run, std::chrono::minutes{5}, "quiet please");
    CHECK(run.batch(test::username_work()).end == BatchEnd::stopped);
    Runs(session).hold(run.request.held.run, std::chrono::milliseconds{0}, "");
    Ranges ranges(session);
    const int rest = ranges.cut(ranges.lock(run.request.held.run, 1).value(), encode_key({"15"}));
    CHECK(run.batch(test::username_work()).end == BatchEnd::stopped);
    CHECK(run.value("SELECT count(*) FROM users WHERE username IS NOT NULL") == "0");
    run.request.upper = encode_key({"15"});
    CHECK(run.batch(test::username_work()).end == BatchEnd::finished);
    CHECK(run.value("SELECT max(id) FROM users WHERE username IS NOT NULL") == "15");
    const RangeRecord after = ranges.find(run.request.held.run, rest).value();
    CHECK(after.lower == encode_key({"15"}));
    CHECK(after.cursor == after.lower);
    CHECK(after.upper == encode_key({"90"}));
    CHECK(after.lease_token.empty());
}

TEST_CASE(
    "PostgreSQL: a batch reads its own rows and no more, of a column that nobody has analysed")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    constexpr int rows = 20'000;
    constexpr int batches = 20;
    Claimed run(rows);
    run.database.run("ALTER TABLE users DROP COLUMN username; ANALYZE users;"
                     "ALTER TABLE users ADD COLUMN username varchar(40);");
    const std::string read = "SELECT coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0) FROM "
                             "pg_stat_user_tables WHERE relname = 'users'";
    const long long before = std::stoll(run.value(read));
    {
        // From the sixth time on the server may take a plan that is made without the values.
        Session session = run.database.open({.batch = true});
        for (int n = 0; n < batches; ++n) {
            const BatchResult result = run_batch(session, test::username_work(), run.request);
            REQUIRE(result.rows_changed == run.request.rows);
            run.request.cursor = result.cursor;
        }
    }
    const std::string updated = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'users'";
    while (std::stoll(run.value(updated)) < batches * run.request.rows) {
    }
    CHECK(std::stoll(run.value(read)) - before <= 3 * batches * run.request.rows);
}
