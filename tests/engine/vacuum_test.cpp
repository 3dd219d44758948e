// Dead rows of PostgreSQL's: how many a run may leave, and the vacuum that removes them.

#include "sluice/core/error.h"
#include "sluice/db/server_signals.h"
#include "support/vacuum.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using test::await_wait;
using test::Bloated;
using test::check_users_counted_once;
using test::engine;
using test::holds_text;
using test::many_rows;
using test::open_pinning;
using test::record_of;
using test::vacuums_at_work;
using test::vacuums_of;
using test::Worker;

TEST_CASE("the number of dead rows is told with what removes them, and what keeps them")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    test::wait_until("they are counted", [&] { return table.dead_rows().dead >= many_rows; });
    CHECK(describe(table.dead_rows()) == "autovacuum is off for it");
    table.database.run("ALTER TABLE users SET (autovacuum_enabled = on, "
                       "autovacuum_vacuum_threshold = 100000, autovacuum_vacuum_scale_factor = 2, "
                       "autovacuum_vacuum_insert_threshold = -1, "
                       "autovacuum_analyze_threshold = 1000000)");
    CHECK(describe(table.dead_rows()) == "autovacuum begins beyond 106000");
    Session reader = table.database.open({.purpose = "reader"});
    reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    (void)reader.query("SELECT 1 FROM users LIMIT 1");
    test::wait_until("it is named", [&] { return !table.dead_rows().keeper.empty(); });
    const std::string text = describe(table.dead_rows());
    CHECK(holds_text(text, "; pid " + reader.query("SELECT pg_backend_pid()")[0][0].value()));
    CHECK(holds_text(text, "(sluice reader, user \"postgres\"), open for "));
    CHECK(holds_text(text, ", keeps what died since"));
    Session session = table.database.open();
    const ServerReading count = read_server_signal(session, "dead_tuples", {"", "users"});
    CHECK(count.value >= many_rows);
    CHECK(holds_text(count.text, "autovacuum begins beyond 106000; pid "));
    const double share = read_server_signal(session, "dead_share", {"", "users"}).value;
    CHECK(share > 0.4);
    CHECK(share <= 1);
}

TEST_CASE("a run waits for a vacuum by somebody else, and says so")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    const std::int64_t run = table.make_run("wait");
    Worker worker(table.database, run);
    await_wait(table.database, run, "throttled by dead_tuples");
    test::wait_until("the reason is told", [&] {
        return holds_text(record_of(table.database, run).signals, "autovacuum is off for it");
    });
    CHECK(record_of(table.database, run).rows_changed == 0);
    test::wait_until("somebody vacuums, and it goes on to its end", [&] {
        table.database.run("VACUUM users"); // again and again: it leaves dead rows itself
        return record_of(table.database, run).state == RunState::done;
    });
    CHECK(worker.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
    CHECK(vacuums_of(table.database, run).empty());
}

TEST_CASE("a run that is asked to runs the vacuum itself, and the ledger has it")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    const std::int64_t run = table.make_run("run");
    Worker worker(table.database, run);
    CHECK(worker.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
    const std::vector<LedgerEntry> vacuums = vacuums_of(table.database, run);
    REQUIRE(!vacuums.empty());
    CHECK(vacuums[0].from == "3000 dead");
    CHECK(std::stoi(vacuums.back().to) < 1000);
    CHECK_MESSAGE(
        holds_text(vacuums[0].reason, "dead_tuples 3,000 (autovacuum is off for it) over 1,000"),
        vacuums[0].reason);
    CHECK(holds_text(vacuums[0].evidence, R"("table":"users")"));
}

TEST_CASE("a vacuum is given up when the run is to pause, and when its process is to end")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    Session pinning = open_pinning(table.database);
    const std::int64_t run = table.make_run("run");
    Worker worker(table.database, run);
    await_wait(table.database, run, "vacuum of \"users\" is running");
    test::wait_until("it works", [&] { return table.database.value(vacuums_at_work) == "1"; });
    Session session = table.database.open();
    Runs(session).ask(run, Desired::paused);
    test::wait_until("given up", [&] { return table.database.value(vacuums_at_work) == "0"; });
    test::wait_until("recorded", [&] { return !vacuums_of(table.database, run).empty(); });
    CHECK(vacuums_of(table.database, run)[0].to == "given up");
    CHECK(record_of(table.database, run).state == RunState::paused);
    Runs(session).ask(run, Desired::running);
    test::wait_until("it works again",
                     [&] { return table.database.value(vacuums_at_work) == "1"; });
    worker.stop();
    CHECK(worker.end() == BackfillEnd::interrupted);
    test::wait_until("ended", [&] { return table.database.value(vacuums_at_work) == "0"; });
    pinning.rollback();
    Worker next(table.database, run);
    CHECK(next.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
}

TEST_CASE("a vacuum waits for another one's lock, and is not repeated while it cannot help")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    Session keeper = table.database.open({.purpose = "keeper"});
    keeper.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    (void)keeper.query("SELECT 1 FROM users LIMIT 1");
    table.bloat();
    test::wait_until("it is named", [&] { return !table.dead_rows().keeper.empty(); });
    Session locking = table.database.open();
    locking.execute_script("BEGIN; LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE");
    const std::int64_t run = table.make_run("run");
    Worker worker(table.database, run);
    await_wait(table.database, run, "vacuum of \"users\" waits for a lock");
    locking.rollback();
    await_wait(table.database, run, "vacuum of \"users\" does not help while pid ");
    CHECK(vacuums_of(table.database, run).size() == 1);
    keeper.rollback();
    CHECK(worker.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
}

TEST_CASE("only where there is a vacuum can a run be asked to see to it")
{
    const test::TestDatabase database;
    Session session = database.open();
    const Rules alone = with_rule({}, "vacuum", "run");
    const Rules both = with_rule(alone, "dead_tuples", "1000");
    const std::string other = std::string("throttle: ") +
                              std::string(name_of(session.dialect().server().engine)) +
                              " has no vacuum to wait for";
    if (engine() == Engine::postgresql) {
        check_rules(both, session.dialect());
        CHECK_THROWS_WITH_AS(check_rules(alone, session.dialect()),
                             "throttle: a vacuum is asked for, and dead rows have no limit", Error);
    } else {
        CHECK_THROWS_WITH_AS(check_rules(alone, session.dialect()), other.c_str(), Error);
        CHECK_THROWS_WITH_AS(check_rules(both, session.dialect()), other.c_str(), Error);
    }
}
