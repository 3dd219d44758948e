#include "sluice/core/error.h"
#include "sluice/state/runs.h"
#include "support/database.h"
#include "support/faults.h"
#include "support/http_answers.h"
#include "support/project.h"
#include "support/throttle.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>

namespace sluice {

namespace {

using namespace std::chrono_literals;

Rules rule(std::string_view key, std::string_view value)
{
    return with_rule({}, key, value);
}

} // namespace

TEST_CASE("a query's number holds work, and lets it go on when it has gone down")
{
    const test::TestDatabase database;
    database.run(test::make_table_t + "; INSERT INTO t VALUES (1, 0)");
    Rules rules;
    rules.queries.push_back(
        {.name = "queue", .sql = "SELECT max(n) FROM t", .limits = {.hold = 10, .critical = 50}});
    test::HurriedClock clock;
    Monitor monitor(database.connect(), clock, rules, {});
    test::await_go(monitor);
    database.run("UPDATE t SET n = 11");
    test::await_hold(monitor, "query queue 11 over 10");
    database.run("UPDATE t SET n = 51");
    test::wait_until("critical", [&] { return monitor.decision().is_critical; });
    database.run("UPDATE t SET n = 1");
    test::await_go(monitor);
    database.run("DELETE FROM t");
    test::await_hold(monitor, "query queue cannot be read: expected one number, found \"NULL\"");
    database.run("DROP TABLE t");
    test::await_hold(monitor, test::by_engine("relation \"t\" does not exist", "doesn't exist",
                                              "no such table"));
}

TEST_CASE("all reasons are told at once: a flag file, a command, a probe, a query, a window")
{
    const test::TestDatabase database;
    const TemporaryDirectory folder;
    const test::HttpAnswers server({"HTTP/1.1 503 Busy\r\n\r\n"});
    const std::string command = "echo no; exit 1";
    Rules rules;
    rules.queries.push_back({.name = "one", .sql = "SELECT 1", .limits = {}});
    rules.flag_files.push_back(folder.write("hold", ""));
    rules.commands = {command, "touch " + folder.path().string() + "/ran"};
    rules.probes.push_back(server.url());
    Session session = database.open();
    const std::string window =
        server_time(session) < "12:00" ? "13:00-14:00 server" : "01:00-02:00 server";
    rules.window = parse_window(window);
    SystemClock clock;
    Monitor monitor(database.connect(), clock, rules,
                    {.trusted_commands = {command}, .interval = 1h});
    test::await_hold(monitor, "window " + window + " is closed: it is ");
    const std::string text = reasons_text(monitor.decision());
    CAPTURE(text);
    CHECK(text.find("query one 1 over 0 since ") == 0);
    CHECK(text.find("command echo no; exit 1 exits 1: no since ") != std::string::npos);
    CHECK(text.find("/hold is there since ") != std::string::npos);
    CHECK(text.find(" answers 503 since ") != std::string::npos);
    CHECK(text.find("nothing is run that only the database says") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "ran"));
}

TEST_CASE("a monitor comes back by itself when the database does")
{
    const test::TestDatabase database;
    std::atomic<bool> is_there{false};
    const Connect connect = [&](SessionOptions options) {
        if (!is_there) {
            throw Error(ErrorKind::connection, "the server is away");
        }
        return database.open(std::move(options));
    };
    test::HurriedClock clock;
    Rules rules = rule("free_disk", "1B");
    Monitor monitor(connect, clock, rules, {});
    test::await_hold(monitor, "free_disk cannot be read: the server is away");
    is_there = true;
    test::await_go(monitor);
}

TEST_CASE("a monitor whose connection is killed opens another one")
{
    if (test::engine() == Engine::sqlite) {
        return; // nobody can kill it
    }
    const test::TestDatabase database;
    std::atomic<int> connections{0};
    const Connect connect = [&](SessionOptions options) {
        ++connections;
        return database.open(std::move(options));
    };
    test::HurriedClock clock;
    Rules rules;
    rules.queries.push_back(
        {.name = "one",
         .sql = test::by_engine("SELECT pg_backend_pid()", "SELECT connection_id()", ""),
         .limits = {.hold = 1e15}});
    Monitor monitor(connect, clock, rules, {});
    test::await_go(monitor);
    const std::string reading = monitor.decision().signals.at(0).reading;
    std::string id;
    for (const char c : reading) {
        id += c == ',' ? "" : std::string(1, c);
    }
    (void)database.open().query(
        test::by_engine("SELECT pg_terminate_backend(" + id + ")", "KILL " + id, ""));
    test::wait_until("a second connection", [&] { return connections == 2; });
    test::await_go(monitor);
    CHECK(monitor.decision().signals.at(0).reading != reading);
}

TEST_CASE("a monitor ends while a signal of it takes long")
{
    const test::TestDatabase database;
    const std::string forever =
        test::by_engine("SELECT pg_sleep(600)", "SELECT sleep(600)",
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
                        "count(*) FROM n WHERE i < 0");
    std::atomic<bool> is_asked{false};
    const Connect connect = [&](SessionOptions options) {
        options.statement_timeout = 0ms;
        options.before_statement = [&](std::string_view, std::string_view sql) {
            is_asked = is_asked || sql == forever;
        };
        return database.open(std::move(options));
    };
    Rules rules;
    rules.queries.push_back({.name = "long", .sql = forever, .limits = {}});
    SystemClock clock;
    {
        const Monitor monitor(connect, clock, rules, {});
        test::wait_until("it is asked", [&] { return is_asked.load(); });
        CHECK(reasons_text(monitor.decision()) == "query long is not read yet");
    }
}

TEST_CASE("what a worker tells of its batches holds it")
{
    const test::TestDatabase database;
    Rules rules = rule("batch_p99", "100ms");
    rules = with_rule(rules, "busy_rate", "0.4");
    test::HurriedClock clock;
    Monitor monitor(database.connect(), clock, rules, {});
    test::await_go(monitor);
    monitor.note_batch(2s);
    test::await_hold(monitor, "batch_p99 2s (of 1 lately) over 100ms");
    monitor.note_busy();
    test::await_hold(monitor, "busy_rate 0.50 over 0.40");
}

TEST_CASE("the free space of the database's disk is known where it is on this machine")
{
    const test::TestDatabase database;
    test::HurriedClock clock;
    {
        const Monitor monitor(database.connect(), clock, rule("free_disk", "1B"), {});
        test::await_go(monitor);
    }
    const Monitor monitor(database.connect(), clock, rule("free_disk", "900TB"), {});
    test::await_hold(monitor, "under 900TB");
}

TEST_CASE("a signal that the engine does not have is refused, with those that it has")
{
    const test::TestDatabase database;
    const Session session = database.open();
    const auto refusal = [&](const Rules& rules) -> std::string {
        try {
            check_rules(rules, session.dialect());
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::definition);
            return error.message + "; " + error.details.hint;
        }
        return "accepted";
    };
    const std::string own = test::by_engine("dead_tuples", "threads_running", "wal_size");
    const std::string foreign = test::by_engine("wal_size", "dead_tuples", "threads_running");
    const auto limit = [](const std::string& name) {
        Rules rules;
        rules.limits[name] = {.hold = 1};
        return rules;
    };
    CHECK(refusal(limit(own)) == "accepted");
    CHECK(refusal(limit("batch_p99")) == "accepted");
    const std::string text = refusal(limit(foreign));
    CHECK(text.find("has no signal \"" + foreign + "\"") != std::string::npos);
    CHECK(text.find(own) != std::string::npos);
    CHECK(refusal(limit("replica_lag"))
              .find(test::by_engine("accepted", "does not know it", "has no signal")) !=
          std::string::npos);
    Rules listed;
    listed.replicas.push_back("env:REPLICA");
    CHECK(refusal(listed).find("their lag has no limit") != std::string::npos);
    Rules other = limit("replica_lag");
    other.replicas.push_back(test::by_engine("mysql://db2/", "postgresql://db2/", "mysql://db2/"));
    CHECK(refusal(other) != "accepted");
    Session asking = database.open();
    CHECK(test::signal_failure(asking, foreign).find("no such signal; it has ") !=
          std::string::npos);
}

TEST_CASE("a run is made with the rules of its environment, if the server can obey them")
{
    test::Project project;
    project.add("1_name", test::rename_full_name);
    project.options.throttle = rule(test::by_engine("wal_size", "dead_tuples", "threads_running"),
                                    test::by_engine("1GB", "1000", "1000"));
    const Error error =
        test::error_of([&] { (void)project.runner().migrate(project.migration()); });
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message.find("has no signal") != std::string::npos);
    project.options.throttle = rule("free_disk", "1B");
    CHECK(project.runner().migrate(project.migration()) == RunEnd::done);
    Session session = project.database.open();
    CHECK(rules_from_json(Runs(session).all().at(0).throttle) == project.options.throttle);
}

TEST_CASE("on SQLite, a log that a reader keeps from being written back holds work")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run(test::make_table_t + "; " + test::insert_rows(1000));
    test::HurriedClock clock;
    const Monitor monitor(database.connect(), clock, rule("wal_size", "64kB"), {});
    test::await_go(monitor);
    Session reader = database.open();
    reader.execute("BEGIN");
    (void)reader.query("SELECT count(*) FROM t");
    for (int n = 0; n < 10; ++n) {
        database.run("UPDATE t SET n = n + 1");
    }
    test::await_hold(monitor, "over 64kB");
    reader.execute("COMMIT");
    test::await_go(monitor);
}

} // namespace sluice
