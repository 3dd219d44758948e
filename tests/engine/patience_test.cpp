// What may wait long: concurrent builds and validations. They have no lock time-out, say what they
// do and whom they wait for, end when they are asked to, and leave nothing behind.

#include "sluice/core/error.h"
#include "sluice/db/statement_progress.h"
#include "sluice/state/lease.h"
#include "support/faults.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <thread>

using namespace sluice;
using namespace std::chrono_literals;
using test::error_of;
using test::Project;

namespace {

bool is_on(Engine engine)
{
    return test::engine() == engine;
}

const char* const index_on_age = R"toml(
[[change]]
kind = "add_index"
table = "people"
name = "people_age"
columns = ["age"]
)toml";

const char* const invalid_indexes =
    "SELECT count(*) FROM pg_index WHERE indrelid = 'people'::regclass AND NOT indisvalid";
const char* const valid_index =
    "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('people_age') AND indisvalid";

std::string pid_of(Session& session)
{
    const std::string id = session.connection_id();
    return id.substr(0, id.find('@'));
}

/// Runs `act` once, as soon as a statement is said to wait for somebody.
void when_it_waits(Project& project, std::string& for_whom, const std::function<void()>& act)
{
    project.listener.on_event = [&for_whom, act](const Event& event) {
        const auto* progress = std::get_if<StatementGoesOn>(&event);
        if (progress != nullptr && for_whom.empty() && !progress->waits_for.empty()) {
            for_whom = progress->waits_for;
            act();
        }
    };
}

} // namespace

TEST_CASE("whom a statement waits for is seen while it waits")
{
    if (is_on(Engine::sqlite)) {
        return; // nobody sees what another connection does
    }
    const Project project;
    Session holder = project.database.open({.purpose = "holder"});
    Session changer = project.database.open();
    Session looker = project.database.open();
    holder.begin();
    holder.execute("UPDATE people SET age = 1 WHERE id = 1");
    changer.set_lock_timeout(std::nullopt);
    const std::string id = changer.connection_id();
    std::jthread change([&] { changer.execute("ALTER TABLE people ADD COLUMN initial int"); });
    std::optional<StatementProgress> seen;
    test::wait_until("the wait to be seen", [&] {
        test::let_server_look_again(looker);
        seen = statement_progress(looker, id, {{"", "people"}});
        return seen && !seen->waits_for.empty();
    });
    holder.rollback();
    change.join();
    CHECK(seen->waits_for.find("held by " + test::by_engine("pid ", "connection ", "") +
                               pid_of(holder)) != std::string::npos);
    test::wait_until("the statement to be over", [&] {
        return !statement_progress(looker, id, {{"", "people"}}).has_value();
    });
}

TEST_CASE("a session's time-outs are what they were told to be, whatever a statement made of them")
{
    const Project project;
    Session session = project.database.open();
    const auto shown = [&] {
        return session.query(test::by_engine("SHOW lock_timeout", "SELECT @@lock_wait_timeout",
                                             "PRAGMA busy_timeout"))[0][0];
    };
    session.execute(test::by_engine("SET lock_timeout = 0", "SET SESSION lock_wait_timeout = 86400",
                                    "PRAGMA busy_timeout = 60000"));
    session.set_lock_timeout(300ms);
    CHECK(shown() == test::by_engine("300ms", "1", "300"));
    session.set_lock_timeout(std::nullopt);
    CHECK(shown() == test::by_engine("0", "31536000", "2147483647"));
}

TEST_CASE(
    "PostgreSQL: a build that waits says for whom, and ends when it is told to, and is swept away")
{
    if (!is_on(Engine::postgresql)) {
        return;
    }
    Project project;
    project.add("1_index", index_on_age);
    Session holder = project.database.open({.purpose = "old snapshot"});
    holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    (void)holder.query("SELECT count(*) FROM pg_am");
    std::string for_whom;
    when_it_waits(project, for_whom, [&] { project.stop.request_stop(); });
    CHECK(project.runner().apply() == RunEnd::interrupted);
    CHECK(for_whom.find("held by pid " + pid_of(holder) + " (sluice old snapshot") == 0);
    CHECK(project.database.value("SELECT count(*) FROM pg_index WHERE indexrelid = "
                                 "to_regclass('people_age')") == "0");
    CHECK(holder.in_transaction());
    holder.execute("ROLLBACK");
    project.stop = std::stop_source{};
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value(valid_index) == "1");
}

TEST_CASE("PostgreSQL: what could not be swept away is by the next run")
{
    if (!is_on(Engine::postgresql)) {
        return;
    }
    Project project;
    project.options.lock_timeout = 20ms;
    project.add("1_index", index_on_age);
    Session holder = project.database.open();
    holder.begin();
    holder.execute("UPDATE people SET age = 1 WHERE id = 1");
    std::string for_whom;
    when_it_waits(project, for_whom, [&] { project.stop.request_stop(); });
    CHECK(project.runner().apply() == RunEnd::interrupted);
    CHECK(project.database.value(invalid_indexes) == "1");
    holder.rollback();
    project.stop = std::stop_source{};
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value(invalid_indexes) == "0");
    CHECK(project.database.value(valid_index) == "1");
}

TEST_CASE("PostgreSQL: a build whose session is ended while it waits is done by the next run")
{
    if (!is_on(Engine::postgresql)) {
        return;
    }
    Project project;
    project.add("1_index", index_on_age);
    Session holder = project.database.open();
    holder.begin();
    holder.execute("UPDATE people SET age = 1 WHERE id = 1");
    Session administrator = project.database.open();
    std::string for_whom;
    when_it_waits(project, for_whom,
                  [&] { administrator.terminate(lease_holder(administrator)->connection_id); });
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.details.cause == Cause::connection_lost);
    holder.rollback();
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value(invalid_indexes) == "0");
    CHECK(project.database.value(valid_index) == "1");
}

TEST_CASE("PostgreSQL: what REINDEX has left behind is swept away before the next")
{
    if (!is_on(Engine::postgresql)) {
        return;
    }
    Project project;
    project.database.run("CREATE INDEX people_age ON people (age)");
    Session holder = project.database.open();
    holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    (void)holder.query("SELECT count(*) FROM people");
    Session other = project.database.open();
    other.set_lock_timeout(std::nullopt);
    std::jthread reindex(
        [&] { CHECK_THROWS_AS(other.execute("REINDEX TABLE CONCURRENTLY people"), Error); });
    test::wait_until("it to wait for the snapshot",
                     [&] { return project.database.value(test::waiting_sessions) == "1"; });
    other.cancel();
    reindex.join();
    holder.execute("ROLLBACK");
    REQUIRE(project.database.value(invalid_indexes) != "0");
    project.add("1_reindex",
                "[[expand]]\nsql = \"REINDEX TABLE CONCURRENTLY people\"\nundo = false\n");
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value(invalid_indexes) == "0");
}

TEST_CASE("PostgreSQL: a validation of hours keeps its lease, and ends when it is told to")
{
    if (!is_on(Engine::postgresql)) {
        return;
    }
    Project project;
    project.database.run(
        "CREATE FUNCTION slowly(n int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN "
        "PERFORM pg_sleep(300); RETURN true; END'; ALTER TABLE people ADD CONSTRAINT slow CHECK "
        "(slowly(age)) NOT VALID");
    project.add("1_validate", "[[expand]]\nsql = \"ALTER TABLE people VALIDATE CONSTRAINT slow\"\n"
                              "undo = \"SELECT 1\"\n");
    bool is_free = false;
    project.listener.on_event = [&](const Event& event) {
        if (!std::holds_alternative<StatementGoesOn>(event) || project.stop.stop_requested()) {
            return;
        }
        try {
            Session heartbeat = project.database.open({.lock_timeout = 100ms});
            heartbeat.execute("UPDATE sluice.lease SET verb = verb WHERE id = 1");
            Session application = project.database.open({.lock_timeout = 100ms});
            application.execute("UPDATE people SET id = id WHERE id = -1");
            is_free = true;
        } catch (const Error&) {
            is_free = false;
        }
        project.stop.request_stop();
    };
    CHECK(project.runner().apply() == RunEnd::interrupted);
    CHECK(is_free);
    CHECK(project.database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                 "current_database() AND state = 'active' AND query LIKE "
                                 "'ALTER TABLE people VALIDATE%'") == "0");
}

TEST_CASE("MySQL: a statement that waits for a table ends when it is told to, with the table held")
{
    if (!is_on(Engine::mysql)) {
        return;
    }
    Project project;
    project.options.lock_timeout = 50s;
    project.add("1_index", index_on_age);
    Session holder = project.database.open();
    holder.begin();
    holder.execute("UPDATE people SET age = 1 WHERE id = 1");
    project.listener.on_event = [&](const Event& event) {
        if (const auto* started = std::get_if<ActionStarted>(&event)) {
            CHECK(started->ordinal == 1);
            project.stop.request_stop();
        }
    };
    CHECK(project.runner().apply() == RunEnd::interrupted);
    CHECK(holder.in_transaction());
    CHECK(project.database.value("SELECT count(*) FROM information_schema.statistics WHERE "
                                 "table_schema = database() AND index_name = 'people_age'") == "0");
}

TEST_CASE("MariaDB: a brief lock is not waited for while the table may be free in a moment")
{
    Project project;
    Session holder = project.database.open();
    if (!holder.dialect().server().is_mariadb) {
        return;
    }
    project.add("1_rename", test::rename_full_name);
    holder.begin();
    (void)holder.query("SELECT * FROM people WHERE id = 1");
    int tries = 0;
    project.before_statement = [&](std::string_view sql) {
        if (sql.rfind("ALTER TABLE", 0) == 0 && ++tries == 3) {
            holder.execute("UPDATE people SET age = 1 WHERE id = 1");
            holder.commit();
        }
    };
    CHECK(project.runner().expand(project.migration()) == RunEnd::done);
    CHECK(tries >= 3);
    CHECK(project.listener.all<Retrying>().empty());
}

TEST_CASE("a statement that works for long ends when it is told to, and the command goes on later")
{
    if (!is_on(Engine::sqlite)) {
        return;
    }
    Project project;
    project.add("1_count", R"toml(
[[expand]]
sql = "CREATE TABLE counted AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT (SELECT CASE WHEN EXISTS (SELECT 1 FROM people WHERE id = 0) THEN 1 ELSE 10000000000 END)) SELECT max(n) AS n FROM c"
undo = "DROP TABLE counted"
)toml");
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<StatementGoesOn>(event)) {
            project.stop.request_stop();
        }
    };
    CHECK(project.runner().apply() == RunEnd::interrupted);
    project.stop = std::stop_source{};
    project.database.run("INSERT INTO people VALUES (0, 'nobody', 0)");
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value("SELECT n FROM counted") == "1");
}
