#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "sluice/state/history.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <exception>
#include <thread>

using namespace sluice;

namespace {

Migration users_migration()
{
    Migration migration;
    migration.version = "20261121093000";
    migration.name = "users";
    migration.hash = "abc";
    migration.definition = R"({"expand":[]})";
    migration.owner = "accounts";
    migration.summary = "it's a test: \"quoted\"";
    return migration;
}

Plan users_plan()
{
    Plan plan;
    plan.version = "20261121093000";
    for (int n = 1; n <= 2; ++n) {
        Action action;
        action.ordinal = n;
        action.summary = "step " + std::to_string(n);
        action.work = SchemaWork{Mode::atomic, {{"SELECT " + std::to_string(n), "", false}}};
        plan.actions.push_back(action);
    }
    return plan;
}

Session with_state(const test::TestDatabase& database)
{
    Session session = database.open();
    ensure_state(session);
    return session;
}

std::int64_t make_run(Session& session)
{
    RunRecord run;
    run.version = "1";
    run.ordinal = 2;
    run.hash = "abc";
    run.table = {"odd.schema", "odd\"table"};
    run.key = {"id", "part"};
    run.pace = {.batch_rows = 250, .sleep = Milliseconds{7}, .duty = 0.25};
    run.estimated_rows = 1000;
    return Runs(session).create(run);
}

ErrorKind kind_of_error(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind;
    }
    return ErrorKind::internal;
}

} // namespace

TEST_CASE("a database that sluice has never seen has no state, and looking does not make one")
{
    const test::TestDatabase database;
    Session session = database.open();
    CHECK_FALSE(find_state(session).has_value());
    CHECK_FALSE(find_state(session).has_value());
    CHECK(session.query(session.dialect().state_exists("lease")).empty());
}

TEST_CASE("the state tables are made once and stay as they are")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    CHECK(find_state(session) == state_layout);
    History(session).record(users_migration(), users_plan());
    ensure_state(session);
    CHECK(History(session).all().size() == 1);
}

TEST_CASE("two processes may make the state tables at the same time")
{
    const test::TestDatabase database;
    std::vector<std::exception_ptr> failures(4);
    {
        std::vector<std::jthread> threads;
        for (std::exception_ptr& failure : failures) {
            threads.emplace_back([&database, &failure] {
                try {
                    Session session = database.open({.lock_timeout = Milliseconds{900}});
                    ensure_state(session);
                } catch (const std::exception&) {
                    failure = std::current_exception();
                }
            });
        }
    }
    for (const std::exception_ptr& failure : failures) {
        CHECK_NOTHROW(failure ? std::rethrow_exception(failure) : void());
    }
    Session session = database.open();
    CHECK(find_state(session) == state_layout);
    CHECK(database.value("SELECT count(*) FROM " + session.dialect().state_table("lease")) == "1");
}

TEST_CASE("the state tables are finished after a crash in the middle of making them")
{
    const test::TestDatabase database;
    for (int n = 1; n <= 60; ++n) {
        int left = n;
        try {
            Session session =
                database.open({.before_statement = [&left](std::string_view, std::string_view) {
                    if (--left < 0) {
                        throw std::runtime_error("killed");
                    }
                }});
            ensure_state(session);
            CHECK(n > 8);
            return;
        } catch (const std::runtime_error&) {
            continue;
        }
    }
    FAIL("ensure_state never came to its end");
}

TEST_CASE("state tables of a newer sluice are refused, saying which sluice is needed")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    session.execute("UPDATE " + session.dialect().state_table("meta") +
                    " SET layout = 99, tool_version = '7.8.9'");
    try {
        ensure_state(session);
        FAIL("not refused");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("99") != std::string::npos);
        CHECK(error.details.hint.find("7.8.9") != std::string::npos);
    }
}

TEST_CASE(
    "older state tables are upgraded layout by layout, and a half-finished upgrade is finished")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    const Dialect& dialect = session.dialect();
    const std::string brake = dialect.state_table("brake");
    const std::string number = dialect.state_types().number;
    session.execute("UPDATE " + dialect.state_table("meta") + " SET layout = -1");
    const StateUpgrade first{
        -1,
        {{"ALTER TABLE " + brake + " ADD COLUMN a1 " + number, "SELECT 1", false},
         {"ALTER TABLE " + brake + " ADD COLUMN a2 " + number, "", false}}};
    const StateUpgrade second{0,
                              {{"ALTER TABLE " + brake + " ADD COLUMN a3 " + number, "", false}}};
    upgrade_state(session, {first, second});
    CHECK(find_state(session) == 1);
    // a1 was held to be there already, so it was left alone; a2 and a3 were made.
    CHECK(database.value("SELECT count(*) FROM " + brake + " WHERE a2 IS NULL AND a3 IS NULL") ==
          "1");
    CHECK_THROWS_AS((void)session.query("SELECT a1 FROM " + brake), Error);
    CHECK_NOTHROW(upgrade_state(session, {first, second}));
}

TEST_CASE("the tables of layout 1 are upgraded with a run under way, and nothing of it is lost")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    const Dialect& dialect = session.dialect();
    const std::int64_t id = make_run(session);
    Ranges(session).open_pass(id, 1, {}, R"(["9"])");
    session.execute("UPDATE " + dialect.state_table("range") +
                    " SET cursor_key = 'c', rows_changed = 5 WHERE ordinal = 1");
    session.execute("DELETE FROM " + dialect.state_table("range") + " WHERE ordinal = 0");
    const auto drop = [&](const char* table, const std::vector<const char*>& columns) {
        for (const char* column : columns) {
            session.execute("ALTER TABLE " + dialect.state_table(table) + " DROP COLUMN " + column);
        }
    };
    drop("run", {"batch_max", "batch_time_ms", "workers", "hold_until", "hold_reason",
                 "bad_rows_allowed", "throttle", "signals"});
    drop("range", {"lower_key", "rows_now", "p50_us", "p99_us"});
    session.execute("UPDATE " + dialect.state_table("meta") + " SET layout = 1");
    ensure_state(session);
    CHECK(find_state(session) == state_layout);
    const RunRecord run = Runs(session).find(id).value();
    CHECK(run.pace.batch_rows == 250);
    CHECK(run.pace.batch_max == 1000);
    CHECK(run.pace.workers == 1);
    CHECK(run.hold_until.empty());
    CHECK(run.rows_changed == 5);
    const RangeRecord range = Ranges(session).all(id).at(0);
    CHECK(range.cursor == "c");
    CHECK(range.lower.empty());
    CHECK(Ranges(session).find(id, check_ordinal).has_value());
}

TEST_CASE("a migration and its actions are recorded whole, and replaced when recorded again")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    History history(session);
    history.record(users_migration(), users_plan());
    history.record(users_migration(), users_plan());
    const MigrationRecord found = history.find("20261121093000").value();
    CHECK(found.name == "users");
    CHECK(found.definition == R"({"expand":[]})");
    CHECK(found.summary == "it's a test: \"quoted\"");
    CHECK(found.state == State::pending);
    const std::vector<ActionRecord> actions = history.actions("20261121093000");
    REQUIRE(actions.size() == 2);
    CHECK(actions[1].action == users_plan().actions[1]);
    CHECK(actions[1].state == ActionState::planned);
    CHECK_FALSE(history.find("2026112109300").has_value());
}

TEST_CASE("a transition happens once, from the state that was seen, and only where it is allowed")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    History history(session);
    history.record(users_migration(), users_plan());
    history.transition("20261121093000", State::pending, State::expanding);
    CHECK(kind_of_error([&] {
              history.transition("20261121093000", State::pending, State::expanding);
          }) == ErrorKind::held);
    CHECK_THROWS_AS(history.transition("20261121093000", State::expanding, State::contracted),
                    Error);
    history.transition("20261121093000", State::expanding, State::expanded);
    const MigrationRecord found = history.find("20261121093000").value();
    CHECK(found.expanded_at.size() == std::string("2026-11-21T04:00:00.123Z").size());
    CHECK(found.migrated_at.empty());
}

TEST_CASE("what became of an action is marked with the server's time")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    History history(session);
    history.record(users_migration(), users_plan());
    ActionRecord record = history.actions("20261121093000")[0];
    record.state = ActionState::intended;
    record.attempts = 3;
    record.error = "it's locked";
    record.fingerprint = "f";
    history.mark("20261121093000", record);
    record = history.actions("20261121093000")[0];
    CHECK(record.state == ActionState::intended);
    CHECK(record.attempts == 3);
    CHECK_FALSE(record.started_at.empty());
    CHECK(record.finished_at.empty());
    REQUIRE(history.failed().size() == 1);
    CHECK(history.failed()[0].error == "it's locked");
}

TEST_CASE("what is recorded inside a transaction is gone when it rolls back")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    {
        const Transaction transaction(session);
        History(session).record(users_migration(), users_plan());
        append_ledger(session, current_actor(), {.verb = "expand"});
        (void)make_run(session);
    }
    CHECK(History(session).all().empty());
    CHECK(read_ledger(session, 10).empty());
    CHECK(Runs(session).all().empty());
}

TEST_CASE("the ledger gives the newest entries, oldest first, of one object or of all")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    for (const char* verb : {"expand", "pause", "resume"}) {
        append_ledger(session, {"kim's", "host", 1, ""},
                      {.verb = verb,
                       .object = verb == std::string("expand") ? "migration 1" : "run 1",
                       .from = "a",
                       .to = "b",
                       .reason = "because",
                       .evidence = "{}"});
    }
    const std::vector<LedgerEntry> newest = read_ledger(session, 2);
    REQUIRE(newest.size() == 2);
    CHECK(newest[0].verb == "pause");
    CHECK(newest[1].verb == "resume");
    CHECK(newest[0].id < newest[1].id);
    const std::vector<LedgerEntry> one = read_ledger(session, 10, "migration 1");
    REQUIRE(one.size() == 1);
    CHECK(one[0].actor == "kim's");
    CHECK(one[0].to == "b");
    CHECK_FALSE(one[0].at.empty());
}

TEST_CASE("a run is found as it was made, odd names and all")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    const std::int64_t id = make_run(session);
    const RunRecord run = Runs(session).find("1", 2).value();
    CHECK(run.id == id);
    CHECK(run.table == TableName{"odd.schema", "odd\"table"});
    CHECK(run.key == std::vector<std::string>{"id", "part"});
    CHECK(run.pace == Pace{.batch_rows = 250, .sleep = Milliseconds{7}, .duty = 0.25});
    CHECK(run.desired == Desired::running);
    CHECK(run.state == RunState::waiting);
    CHECK(run.rows_scanned == 0);
    CHECK_FALSE(Runs(session).find(id + 1).has_value());
}

TEST_CASE("what people ask for a run is kept apart from what its worker observed")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    runs.observe(id, RunState::running);
    CHECK(runs.ask(id, Desired::paused) == Desired::running);
    CHECK(runs.ask(id, Desired::cancelled) == Desired::paused);
    CHECK(runs.find(id)->state == RunState::running);
    CHECK(kind_of_error([&] { (void)runs.ask(id + 1, Desired::paused); }) == ErrorKind::usage);
    runs.observe(id, RunState::done);
    CHECK(kind_of_error([&] { (void)runs.ask(id, Desired::paused); }) == ErrorKind::refused);
}

TEST_CASE("a run that is done stays so, whatever a worker saw before it was")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    runs.observe(id, RunState::done);
    runs.observe(id, RunState::waiting, "throttled");
    CHECK(runs.find(id)->state == RunState::done);
    CHECK(runs.find(id)->wait_reason.empty());
    CHECK_FALSE(runs.find(id)->finished_at.empty());
}

TEST_CASE("the time since when a run waits stays while its reason stays")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    runs.observe(id, RunState::running, "lock");
    session.execute("UPDATE " + session.dialect().state_table("run") + " SET wait_since = 'then'");
    runs.observe(id, RunState::running, "lock");
    CHECK(runs.find(id)->wait_since == "then");
    runs.observe(id, RunState::running, "lag");
    CHECK(runs.find(id)->wait_since != "then");
    runs.observe(id, RunState::running);
    CHECK(runs.find(id)->wait_since.empty());
}

TEST_CASE("a pace that makes no sense is refused and nothing is changed")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    for (const Pace& pace : {Pace{.batch_rows = 0}, Pace{.duty = 0}, Pace{.duty = 1.5},
                             Pace{.sleep = Milliseconds{-1}}}) {
        CHECK(kind_of_error([&] { runs.set_pace(id, pace); }) == ErrorKind::usage);
    }
    CHECK(runs.find(id)->pace.batch_rows == 250);
    runs.set_pace(id, {.batch_rows = 9, .sleep = Milliseconds{1}, .duty = 1});
    CHECK(runs.find(id)->pace == Pace{.batch_rows = 9, .sleep = Milliseconds{1}, .duty = 1});
}

TEST_CASE("a new pass starts from the beginning and keeps the counters")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    Ranges(session).open_pass(id, 1, {}, R"(["5"])");
    session.execute("UPDATE " + session.dialect().state_table("range") +
                    " SET cursor_key = 'c', state = 'done', rows_changed = 5, batches = 2");
    Ranges(session).open_pass(id, 2, {}, R"(["9"])");
    const std::vector<RangeRecord> ranges = Ranges(session).all(id);
    REQUIRE(ranges.size() == 1);
    CHECK(ranges[0].cursor.empty());
    CHECK(ranges[0].upper == R"(["9"])");
    CHECK(ranges[0].state == RangeState::open);
    CHECK(runs.find(id)->rows_changed == 5);
    CHECK(runs.find(id)->pass == 2);
}

TEST_CASE("a range has one living owner; a dead one on this machine is not waited for")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    Ranges(session).open_pass(id, 1, {}, R"(["5"])");
    const Actor living = current_actor();
    Actor dead = living;
    dead.pid = 4'190'000; // above what Linux gives out by default, and not running here
    REQUIRE(is_gone(dead));
    CHECK(Ranges(session).claim(id, 1, living, "t1", std::chrono::seconds{30}));
    CHECK_FALSE(Ranges(session).claim(id, 1, dead, "t2", std::chrono::seconds{30}));
    session.execute("UPDATE " + session.dialect().state_table("range") +
                    " SET lease_expires = '2000'");
    CHECK(Ranges(session).claim(id, 1, dead, "t3", std::chrono::seconds{30}));
    CHECK(Ranges(session).claim(id, 1, living, "t4", std::chrono::seconds{30}));
    CHECK(Ranges(session).all(id)[0].lease_token == "t4");
    CHECK_FALSE(Ranges(session).claim(id, 7, living, "t5", std::chrono::seconds{30}));
}

TEST_CASE("when a migration goes back, its runs go and the others stay")
{
    const test::TestDatabase database;
    Session session = with_state(database);
    Runs runs(session);
    const std::int64_t id = make_run(session);
    Ranges(session).open_pass(id, 1, {}, R"(["5"])");
    runs.remove("2");
    CHECK(runs.all().size() == 1);
    runs.remove("1");
    CHECK(runs.all().empty());
    CHECK(Ranges(session).all(id).empty());
    CHECK(make_run(session) != id);
}
