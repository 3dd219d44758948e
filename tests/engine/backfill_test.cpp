#include "sluice/backfill/batch.h"
#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "support/backfill.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace sluice;

namespace {

RunRecord record(const test::TestDatabase& database, std::int64_t run)
{
    Session session = database.open();
    return Runs(session).find(run).value();
}

void ask(const test::TestDatabase& database, std::int64_t run, Desired desired)
{
    Session session = database.open();
    Runs(session).ask(run, desired);
}

/// Calls `action` after the n-th batch.
void after_batch(test::Backfill& backfill, int n, std::function<void()> action)
{
    backfill.listener.on_event = [n, action, count = 0](const Event& event) mutable {
        if (std::holds_alternative<BatchDone>(event) && ++count == n) {
            action();
        }
    };
}

} // namespace

TEST_CASE("a backfill reaches every row and ends")
{
    const test::TestDatabase database;
    test::make_users(database, 105);
    const std::int64_t run = test::make_run(database, 20);
    test::Backfill backfill{.database = database};
    CHECK(backfill.run(run, test::username_work()) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE username = lower(user_name)") == "105");
    const RunRecord found = record(database, run);
    CHECK(found.state == RunState::done);
    CHECK(found.rows_scanned == 105);
    CHECK(found.rows_changed == 105);
    CHECK(found.batches == 6);
    CHECK(found.pass == 1);
    CHECK_FALSE(found.finished_at.empty());
    const auto batches = backfill.listener.all<BatchDone>();
    REQUIRE(batches.size() == 6);
    CHECK(batches.back().rows_scanned == 105);
    CHECK(batches.back().rows_changed == 105);
}

TEST_CASE("a backfill of an empty table ends at once")
{
    const test::TestDatabase database;
    test::make_users(database, 0);
    const std::int64_t run = test::make_run(database, 20);
    test::Backfill backfill{.database = database};
    CHECK(backfill.run(run, test::username_work()) == BackfillEnd::done);
    CHECK(record(database, run).state == RunState::done);
}

TEST_CASE("a run that is done is not done again")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 20);
    for (int n = 0; n < 2; ++n) {
        test::Backfill backfill{.database = database};
        CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    }
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "30");
}

TEST_CASE("a request to stop is obeyed after the batch, and the run goes on from there")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    {
        test::Backfill backfill{.database = database};
        after_batch(backfill, 3, [&] { backfill.stop.request_stop(); });
        CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::interrupted);
    }
    CHECK(database.value("SELECT sum(n) FROM users") == "30");
    CHECK(record(database, run).state == RunState::waiting);
    test::Backfill again{.database = database};
    CHECK(again.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(again.clock.slept.empty()); // the range was given back: nobody waited for its lease
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "100");
}

TEST_CASE("a pause acts before the next batch, and a resume goes on")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    after_batch(backfill, 3, [&] { ask(database, run, Desired::paused); });
    int looks = 0;
    backfill.clock.on_sleep = [&] {
        CHECK(database.value("SELECT sum(n) FROM users") == "30");
        if (++looks == 3) {
            const RunRecord found = record(database, run);
            CHECK(found.state == RunState::paused);
            CHECK(found.wait_reason == "paused");
            ask(database, run, Desired::running);
        }
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(looks == 3);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "100");
    const auto waits = backfill.listener.all<Waiting>();
    REQUIRE(waits.size() == 2);
    CHECK(waits[0].reason == "paused");
    CHECK(waits[1].reason.empty());
}

TEST_CASE("a run that was paused before a worker came does not begin")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 10);
    ask(database, run, Desired::paused);
    test::Backfill backfill{.database = database};
    backfill.options.wait_while_paused = false;
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::interrupted);
    CHECK(database.value("SELECT sum(n) FROM users") == "0");
    CHECK(record(database, run).state == RunState::paused);
}

TEST_CASE("a cancelled run stops, keeps its checkpoint, and can be taken up again")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    {
        test::Backfill backfill{.database = database};
        after_batch(backfill, 2, [&] { ask(database, run, Desired::cancelled); });
        CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::cancelled);
    }
    CHECK(record(database, run).state == RunState::cancelled);
    CHECK(database.value("SELECT sum(n) FROM users") == "20");
    ask(database, run, Desired::running);
    test::Backfill again{.database = database};
    CHECK(again.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "100");
}

TEST_CASE("the brake holds every run and says why")
{
    const test::TestDatabase database;
    test::make_users(database, 40);
    const std::int64_t run = test::make_run(database, 10);
    const std::string brake = database.open().dialect().state_table("brake");
    test::Backfill backfill{.database = database};
    after_batch(backfill, 1, [&] {
        database.run("UPDATE " + brake + " SET engaged = 1, reason = 'incident 7'");
    });
    backfill.clock.on_sleep = [&] {
        CHECK(record(database, run).wait_reason == "all runs are stopped: incident 7");
        database.run("UPDATE " + brake + " SET engaged = 0");
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(backfill.clock.slept.size() == 1);
}

TEST_CASE("a new pace is obeyed from the next batch on")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    after_batch(backfill, 2, [&] {
        Session session = database.open();
        Runs(session).set_pace(run, {.batch_rows = 40, .sleep = Milliseconds{0}, .duty = 1});
    });
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    std::vector<std::int64_t> sizes;
    for (const BatchDone& batch : backfill.listener.all<BatchDone>()) {
        sizes.push_back(batch.batch_rows);
    }
    CHECK(sizes == std::vector<std::int64_t>{10, 10, 10, 40, 30});
}

TEST_CASE("a pause is seen within a slice of a long sleep")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 10);
    {
        Session session = database.open();
        Runs(session).set_pace(run,
                               {.batch_rows = 10, .sleep = std::chrono::minutes{10}, .duty = 1});
    }
    test::Backfill backfill{.database = database};
    backfill.clock.on_sleep = [&] {
        if (backfill.clock.slept.size() == 5) {
            ask(database, run, Desired::cancelled);
        }
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::cancelled);
    CHECK(backfill.clock.slept.size() == 5);
    CHECK(database.value("SELECT sum(n) FROM users") == "10");
}

TEST_CASE("rows that still need work after the first pass are found wherever they are")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    after_batch(backfill, 3, [&] {
        // Behind the cursor, and beyond the upper bound.
        database.run("UPDATE users SET id = -5 WHERE id = 120");
        database.run("UPDATE users SET id = 100000 WHERE id = 123");
        database.run("INSERT INTO users VALUES (1, 'Late', NULL, 0)");
    });
    CHECK(backfill.run(run, test::username_work()) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE username = lower(user_name)") == "51");
    CHECK(record(database, run).pass == 2);
    CHECK(backfill.listener.all<Note>().size() == 1);
}

TEST_CASE("what the application wrote meanwhile is not overwritten")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    after_batch(backfill, 1, [&] {
        database.run("UPDATE users SET username = 'mine' WHERE id IN (3, 60, 150)");
        database.run("DELETE FROM users WHERE id IN (6, 63)");
    });
    CHECK(backfill.run(run, test::username_work()) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE username = 'mine'") == "3");
    CHECK(database.value("SELECT count(*) FROM users WHERE username = lower(user_name)") == "45");
}

TEST_CASE("work that does not make its own condition false is told so, with keys")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::username_work();
    work.set = {{"n", "n + 1"}};
    test::Backfill backfill{.database = database};
    try {
        (void)backfill.run(run, work);
        FAIL("ended");
    } catch (const Error& error) {
        CHECK(error.message.find("30 rows of table \"users\" still need work") == 0);
        CHECK(error.message.find("[\"3\"]") != std::string::npos);
    }
    const RunRecord found = record(database, run);
    CHECK(found.state == RunState::failed);
    CHECK(found.last_error.find("still need work") != std::string::npos);
}

TEST_CASE("an error in the work fails the run, and what was done before stays")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    database.run("CREATE UNIQUE INDEX users_username ON users (username)");
    database.run("UPDATE users SET user_name = 'User 2' WHERE id = 105");
    const std::int64_t run = test::make_run(database, 10);
    {
        test::Backfill backfill{.database = database};
        CHECK_THROWS_AS((void)backfill.run(run, test::username_work()), Error);
    }
    CHECK(record(database, run).state == RunState::failed);
    CHECK(database.value("SELECT count(*) FROM users WHERE username IS NOT NULL") == "34");
    database.run("UPDATE users SET user_name = 'User 35' WHERE id = 105");
    test::Backfill again{.database = database};
    CHECK(again.run(run, test::username_work()) == BackfillEnd::done);
    CHECK(record(database, run).last_error.empty());
}

TEST_CASE("a lock that another session holds is waited for by trying again")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    const std::int64_t run = test::make_run(database, 10);
    Session application = database.open();
    test::Backfill backfill{.database = database, .changes = {.lock_timeout = Milliseconds{20}}};
    int retries = 0;
    backfill.listener.on_event = [&](const Event& event) {
        const auto* batch = std::get_if<BatchDone>(&event);
        if (batch != nullptr && batch->rows_scanned == 10) {
            application.begin();
            application.execute("UPDATE users SET n = n + 100 WHERE id = 60");
        }
        if (std::holds_alternative<Retrying>(event) && ++retries == 3) {
            const std::string failed = record(database, run).last_error;
            // SQLite's one writer is the application.
            CHECK(failed.empty() == (test::engine() == Engine::sqlite));
            application.commit();
        }
        if (batch != nullptr && batch->rows_scanned > 20) {
            CHECK(record(database, run).last_error.empty());
        }
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(retries == 3);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "49");
    CHECK(database.value("SELECT n FROM users WHERE id = 60") == "101");
    CHECK(record(database, run).retries == 3);
}

TEST_CASE("a lock that is never given up fails the run after its attempts")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    const std::int64_t run = test::make_run(database, 10);
    Session application = database.open();
    test::Backfill backfill{.database = database, .changes = {.lock_timeout = Milliseconds{20}}};
    backfill.options.max_attempts = 3;
    after_batch(backfill, 1, [&] {
        application.begin();
        application.execute("UPDATE users SET n = n + 100 WHERE id = 60");
    });
    CHECK_THROWS_AS((void)backfill.run(run, test::increment_work()), Error);
    application.rollback();
    CHECK(backfill.listener.all<Retrying>().size() == 44); // a lock is waited for for longer
    if (test::engine() != Engine::sqlite) { // whose one lock also kept the failure from being noted
        CHECK(record(database, run).state == RunState::failed);
    }
    CHECK(database.value("SELECT sum(n) FROM users") == "10");
}

TEST_CASE("a worker that lost its range to another writes nothing more")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    const std::string range = database.open().dialect().state_table("range");
    test::Backfill first{.database = database};
    test::Backfill second{.database = database};
    after_batch(first, 3, [&] {
        // The first worker slept past its lease; a second one came and did the rest.
        database.run("UPDATE " + range + " SET lease_expires = ''");
        CHECK(second.run(run, test::increment_work()) == BackfillEnd::done);
    });
    CHECK(first.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(first.listener.all<BatchDone>().size() == 3);
    CHECK(second.listener.all<BatchDone>().size() == 7);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "100");
}

TEST_CASE("a second worker waits for the range while the first one lives")
{
    const test::TestDatabase database;
    test::make_users(database, 40);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill first{.database = database};
    test::Backfill second{.database = database};
    second.clock.on_sleep = [&] { second.stop.request_stop(); };
    after_batch(first, 2, [&] {
        CHECK(second.run(run, test::increment_work()) == BackfillEnd::interrupted);
    });
    CHECK(first.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(second.listener.all<BatchDone>().empty());
    REQUIRE_FALSE(second.listener.all<Waiting>().empty());
    CHECK(second.listener.all<Waiting>()[0].reason.find("held by") == 0);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "40");
}

TEST_CASE("a lost connection is opened again and the run goes on from where the database says")
{
    if (test::engine() == Engine::sqlite) {
        return; // has no connection to lose
    }
    const test::TestDatabase database;
    test::make_users(database, 100);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    after_batch(backfill, 4, [&] {
        database.run(test::by_engine(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid()",
            "BEGIN NOT ATOMIC FOR c IN (SELECT id FROM information_schema.processlist WHERE db = "
            "database() AND id <> connection_id()) DO KILL c.id; END FOR; END",
            ""));
    });
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK_FALSE(backfill.listener.all<Retrying>().empty());
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "100");
}

TEST_CASE("into is repeated for what it could not copy at first, and nothing deleted comes back")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    database.run("CREATE TABLE names (user_id bigint NOT NULL PRIMARY KEY, name varchar(40))");
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::username_work();
    work.kind = BackfillKind::into;
    work.into = TableName{"", "names"};
    work.into_key = {"user_id"};
    work.set = {{"user_id", "id"}, {"name", "user_name"}};
    work.needs_work.clear();
    Session application = database.open();
    test::Backfill backfill{.database = database, .changes = {.lock_timeout = Milliseconds{20}}};
    backfill.listener.on_event = [&](const Event& event) {
        const auto* batch = std::get_if<BatchDone>(&event);
        if (batch != nullptr && batch->rows_scanned == 10) {
            application.begin();
            application.execute("DELETE FROM users WHERE id = 45");
            application.execute("UPDATE users SET user_name = 'new' WHERE id = 48");
        }
        if (std::holds_alternative<Retrying>(event) && application.in_transaction()) {
            application.commit();
        }
    };
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK_FALSE(backfill.listener.all<Retrying>().empty());
    CHECK(database.value("SELECT count(*) FROM names") == "49");
    CHECK(database.value("SELECT count(*) FROM names WHERE user_id = 45") == "0");
    CHECK(database.value("SELECT name FROM names WHERE user_id = 48") == "new");
}

TEST_CASE("two columns can be exchanged")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    database.run("UPDATE users SET n = 7, username = '2'");
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::increment_work();
    work.set = {{"username", test::by_engine("n::text", "CAST(n AS CHAR)", "CAST(n AS TEXT)")},
                {"n", test::by_engine("username::int", "CAST(username AS SIGNED)",
                                      "CAST(username AS INTEGER)")},
                {"user_name", "user_name"}};
    test::Backfill backfill{.database = database};
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 2 AND username = '7'") == "30");
}

TEST_CASE("delete ends when nothing matches any more")
{
    const test::TestDatabase database;
    test::make_users(database, 50);
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::username_work();
    work.kind = BackfillKind::remove;
    work.set.clear();
    work.needs_work = "id % 2 = 0";
    test::Backfill backfill{.database = database};
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users") == "25");
    CHECK(record(database, run).rows_changed == 25);
}

TEST_CASE("remaining rows are counted in the whole table and some of them named")
{
    const test::TestDatabase database;
    test::make_users(database, 100);
    database.run("UPDATE users SET username = 'x' WHERE id > 30 AND id < 300");
    Session session = database.open();
    const Remaining remaining = count_remaining(session, test::username_work(), {});
    CHECK(remaining.rows == 11);
    REQUIRE(remaining.examples.size() == 11);
    CHECK(decode_key(remaining.examples.back()) == KeyValues{"300"});
}

TEST_CASE("a statement that takes too long is tried again with fewer rows")
{
    if (test::engine() == Engine::sqlite) {
        return; // has no function that takes its time
    }
    const test::TestDatabase database;
    test::make_users(database, 60);
    const std::int64_t run = test::make_run(database, 40);
    BackfillWork work = test::increment_work();
    work.set = {{"n", test::by_engine("n + 1 + length(pg_sleep(0.008)::text)",
                                      "n + 1 + sleep(0.008)", "")}};
    test::Backfill backfill{.database = database};
    backfill.changes.statement_timeout = Milliseconds{200};
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK_FALSE(backfill.listener.all<Retrying>().empty());
    REQUIRE_FALSE(backfill.listener.all<BatchDone>().empty());
    CHECK(backfill.listener.all<BatchDone>().front().batch_rows < 40);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "60");
}

TEST_CASE("a batch whose reply was lost is not repeated: the cursor, read back, says that it lasts")
{
    const test::TestDatabase database;
    test::make_users(database, 60);
    const std::int64_t run = test::make_run(database, 10);
    test::Backfill backfill{.database = database};
    int batches = 0;
    backfill.changes.before_statement = [&](std::string_view purpose, std::string_view sql) {
        if (!test::begins_batch(purpose, sql) || ++batches != 3) {
            return;
        }
        // The third batch takes place all the same; only nobody hears of it.
        Session other = database.open({.batch = true});
        const RangeRecord range = Ranges(other).all(run).at(0);
        const BatchResult unheard =
            run_batch(other, test::increment_work(),
                      {.held = {.run = run, .ordinal = 1, .token = range.lease_token},
                       .cursor = range.cursor,
                       .upper = range.upper,
                       .rows = 10});
        CHECK(unheard.end == BatchEnd::advanced);
        throw Error(ErrorKind::connection, "the connection was lost",
                    {.cause = Cause::connection_lost});
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(backfill.listener.all<Retrying>().size() == 1);
    CHECK(backfill.listener.all<BatchDone>().size() == 5);
    CHECK(backfill.listener.all<BatchDone>().back().rows_changed == 60);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "60");
    CHECK(record(database, run).retries == 1);
}

TEST_CASE("an error that will not pass is not tried again")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::increment_work();
    work.set = {{"n", "no_such_column + 1"}};
    test::Backfill backfill{.database = database};
    CHECK_THROWS_AS((void)backfill.run(run, work), Error);
    CHECK(backfill.listener.all<Retrying>().empty());
    CHECK(record(database, run).state == RunState::failed);
}

TEST_CASE("a key that no index serves is refused before anything is changed")
{
    const test::TestDatabase database;
    test::make_users(database, 30);
    const std::int64_t run = test::make_run(database, 10);
    BackfillWork work = test::increment_work();
    work.key = {{.name = "n",
                 .type = {.sql = "integer", .family = TypeFamily::integer},
                 .nullable = false}};
    test::Backfill backfill{.database = database};
    try {
        (void)backfill.run(run, work);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
    }
    CHECK(database.value("SELECT sum(n) FROM users") == "0");
}

TEST_CASE("a backfill walks text keys by the column's own collation")
{
    const test::TestDatabase database;
    test::make_users(database, 0);
    Session session = database.open();
    session.execute(
        "CREATE TABLE words (word " +
        test::by_engine("varchar(20) COLLATE \"C\"",
                        "varchar(20) CHARACTER SET latin1 COLLATE latin1_german1_ci",
                        "TEXT COLLATE NOCASE") +
        " NOT NULL, part integer NOT NULL, n integer NOT NULL, PRIMARY KEY (word, part))");
    for (const char* word : {"", "a", "Ab", "b", "B ", "ß", "z", "Ä", "'", "zz"}) {
        for (int part = 0; part < 7; ++part) {
            session.execute("INSERT INTO words VALUES (" + session.dialect().literal(word) +
                            fmt::format(", {}, 0)", part) +
                            test::by_engine(" ON CONFLICT DO NOTHING",
                                            " ON DUPLICATE KEY UPDATE n = 0",
                                            " ON CONFLICT DO NOTHING"));
        }
    }
    const Catalog catalog = read_catalog(session);
    const Table* table = catalog.find({"", "words"});
    REQUIRE(table != nullptr);
    BackfillWork work = test::increment_work();
    work.table = table->name;
    work.key = {*table->find("word"), *table->find("part")};
    const std::int64_t run = test::make_run(database, 3);
    test::Backfill backfill{.database = database};
    CHECK(backfill.run(run, work) == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM words WHERE n <> 1") == "0");
    CHECK(database.value("SELECT count(*) FROM words") ==
          database.value("SELECT sum(n) FROM words"));
}

TEST_CASE("on a table that was never analysed a batch is entered by its key and by nothing else")
{
    if (test::engine() != Engine::postgresql) {
        return; // whose planner alone works without statistics here
    }
    const test::TestDatabase database;
    test::make_users(database, 5000);
    database.run("CREATE INDEX users_username ON users (username)");
    Session session = database.open({.batch = true});
    session.execute("SET plan_cache_mode = force_generic_plan");
    Statement batch = batch_statement(session.dialect(), test::username_work(),
                                      {.held = {.run = 1, .ordinal = 1, .token = "t"},
                                       .cursor = encode_key({"30"}),
                                       .upper = encode_key({"15000"})});
    batch.text = "EXPLAIN " + batch.text;
    std::string plan;
    for (const Row& row : session.query(batch).rows) {
        plan += row[0].value() + "\n";
    }
    CAPTURE(plan);
    CHECK(plan.find("Seq Scan on users") == std::string::npos);
    CHECK(plan.find("users_username") == std::string::npos);
    CHECK(plan.find("Sort") == std::string::npos);
    CHECK(plan.find("Index Scan using users_pkey on users") != std::string::npos);
}
