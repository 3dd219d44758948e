// What sessions do to each other: a statement outlives its client, a batch outwaits a take-over and
// a pause, a concurrent build waits for some sessions and not for others.

#include "sluice/backfill/batch.h"
#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "support/backfill.h"
#include "support/life.h"
#include "support/program.h"
#include "support/project.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <csignal>
#include <thread>

using namespace sluice;
using test::by_engine;
using test::engine;

namespace {

/// The program, applying the folder's migrations, silent.
pid_t start_apply(const test::TestDatabase& database, const std::string& folder)
{
    return test::start_program(
        {"apply", "--url", database.url_text(), "--migrations", folder, "--quiet"});
}

void kill_hard(pid_t child)
{
    kill(child, SIGKILL);
    REQUIRE(test::await_program(child).exit_code == 128 + SIGKILL);
}

/// Waits, by asking, until the query gives the value; fails the test after a minute.
void wait_until(const test::TestDatabase& database, const std::string& query,
                const std::string& value)
{
    Session session = database.open();
    const auto start = std::chrono::steady_clock::now();
    while (session.query(query)[0][0] != value) {
        REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
    }
}

/// Both statements take five minutes a row until the table "quick" is there.
const char* const slow_statement = R"toml(
[[expand]]
sql.postgresql = "CREATE INDEX CONCURRENTLY t_slow ON t (slowly(id))"
sql.mysql = "CREATE TABLE copied AS SELECT id, SLEEP(IF(EXISTS(SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'quick'), 0, 300)) AS waited FROM t"
undo.postgresql = "DROP INDEX CONCURRENTLY t_slow"
undo.mysql = "DROP TABLE copied"
)toml";

std::string slow_setup()
{
    const std::string rows =
        "CREATE TABLE t (id bigint PRIMARY KEY); INSERT INTO t VALUES (1), (2);";
    return rows +
           by_engine("CREATE FUNCTION slowly(n bigint) RETURNS bigint IMMUTABLE LANGUAGE "
                     "plpgsql AS 'BEGIN PERFORM pg_sleep(CASE WHEN to_regclass(''public.quick"
                     "'') IS NULL THEN 300 ELSE 0 END); RETURN n; END'",
                     "", "");
}

std::string count_of_slow()
{
    return by_engine(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
        "state = 'active' AND query LIKE 'CREATE INDEX CONCURRENTLY%'",
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND "
        "state = 'User sleep' AND info LIKE 'CREATE TABLE copied%'",
        "");
}

/// 25 users and a run over them whose only range is claimed with the token "mine".
struct Claimed {
    Claimed()
    {
        test::make_users(database, 25);
        request.held.run = test::make_run(database, 10);
        request.held.ordinal = 1;
        request.held.token = "mine";
        request.rows = 10;
        request.upper = encode_key({"75"});
        Session session = database.open();
        Ranges ranges(session);
        ranges.open_pass(request.held.run, 1, {}, request.upper);
        REQUIRE(
            ranges.claim(request.held.run, 1, current_actor(), "mine", std::chrono::seconds{30}));
    }

    BatchResult batch()
    {
        Session session = database.open({.batch = true});
        if (engine() == Engine::postgresql) {
            session.execute("SET lock_timeout = '1min'"); // longer than a test waits
        }
        return run_batch(session, test::increment_work(), request);
    }

    test::TestDatabase database;
    BatchRequest request;
};

} // namespace

TEST_CASE("a statement goes on without its client, and a successor ends it before its own")
{
    if (engine() == Engine::sqlite) {
        return; // a dead process holds nothing there
    }
    test::Life life(slow_setup(), slow_statement);
    const TemporaryDirectory folder;
    (void)folder.write("1_life.toml", slow_statement);
    const pid_t child = start_apply(life.database, folder.path().string());
    wait_until(life.database, count_of_slow(), "1");
    kill_hard(child);
    CHECK(life.database.value(count_of_slow()) == "1");

    life.database.run("CREATE TABLE quick (id int)");
    const auto start = std::chrono::steady_clock::now();
    // What was ended leaves an index that is not valid on PostgreSQL: it is swept away.
    CHECK(life.runner().apply() == RunEnd::done);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(2));
    CHECK(life.database.value(count_of_slow()) == "0");
    CHECK(life.database.value(by_engine("SELECT count(*) FROM pg_index WHERE indrelid = "
                                        "'t'::regclass AND indisvalid AND NOT indisprimary",
                                        "SELECT count(*) FROM copied", "")) ==
          by_engine("1", "2", ""));
}

TEST_CASE("a statement that outlived its client is ended and undone on the way back as well")
{
    if (engine() == Engine::sqlite) {
        return;
    }
    test::Life life(slow_setup(), slow_statement);
    const std::vector<Table> tables = life.tables();
    const TemporaryDirectory folder;
    (void)folder.write("1_life.toml", slow_statement);
    const pid_t child = start_apply(life.database, folder.path().string());
    wait_until(life.database, count_of_slow(), "1");
    kill_hard(child);
    life.rollback();
    CHECK(life.state() == State::pending);
    CHECK(life.database.value(count_of_slow()) == "0");
    test::check_same_tables(tables, life.tables());
}

TEST_CASE("PostgreSQL: who takes over a range while its batch is open waits, and then gets nothing")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    Claimed run;
    run.database.run("UPDATE sluice.range SET lease_expires = '2000-01-01T00:00:00.000Z'");
    Session session = run.database.open({.batch = true});
    session.begin();
    CHECK(run_batch(session, test::increment_work(), run.request).rows_changed == 10);
    bool is_taken = true;
    std::jthread other([&] {
        Session taker = run.database.open();
        Actor elsewhere = current_actor();
        elsewhere.host = "elsewhere";
        is_taken = Ranges(taker).claim(run.request.held.run, 1, elsewhere, "another",
                                       std::chrono::seconds{30});
    });
    wait_until(run.database, test::waiting_sessions, "1");
    session.commit();
    other.join();
    CHECK_FALSE(is_taken);
    CHECK(run.database.value("SELECT lease_token FROM sluice.range WHERE ordinal = 1") == "mine");
}

TEST_CASE("PostgreSQL: a pause that comes while a batch waits stops the next one, not this one")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    Claimed run;
    Session application = run.database.open();
    application.begin();
    application.execute("UPDATE users SET n = 0 WHERE id = 6");
    BatchResult result;
    std::jthread batch([&] { result = run.batch(); });
    wait_until(run.database, test::waiting_sessions, "1");
    run.database.run("UPDATE sluice.run SET desired = 'paused'");
    application.commit();
    batch.join();
    CHECK(result.end == BatchEnd::advanced);
    CHECK(result.rows_changed == 10);
    run.request.cursor = result.cursor;
    CHECK(run.batch().end == BatchEnd::stopped);
    CHECK(run.database.value("SELECT sum(n) FROM users") == "10");
}

TEST_CASE("PostgreSQL: a concurrent build waits for a snapshot, not for a session that has none")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    database.run(
        "CREATE TABLE t (id int); CREATE TABLE state (n int); INSERT INTO state VALUES (1)");
    const auto build = [&](const std::string& name) {
        Session session = database.open();
        session.execute("SET statement_timeout = 300");
        session.execute("CREATE INDEX CONCURRENTLY " + name + " ON t (id)");
    };
    Session other = database.open();
    other.begin();
    other.execute("UPDATE state SET n = 2");
    CHECK_NOTHROW(build("while_idle"));
    other.rollback();
    other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    (void)other.query("SELECT n FROM state");
    CHECK_THROWS_AS(build("while_snapshot"), Error);
    other.execute("ROLLBACK");
}
