#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

std::string endless_query()
{
    return test::by_engine(
        "SELECT pg_sleep(600)",
        "SELECT count(*) FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b, "
        "information_schema.COLLATIONS c, information_schema.COLLATIONS d",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n");
}

std::string count_rows(Session& session)
{
    return session.query("SELECT count(*) FROM t")[0][0].value_or("NULL");
}

/// In how many hundredths of a second the system will ask whether the server is still there, for
/// each connection of this process to this port; from /proc/net/tcp.
std::vector<long> keepalives(int port)
{
    std::set<std::string> ours;
    for (const auto& open : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone; // the iterator's own
        ours.insert(std::filesystem::read_symlink(open.path(), gone).string());
    }
    std::ifstream file("/proc/net/tcp");
    std::string line;
    std::getline(file, line);
    std::vector<long> found;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string number, local, remote, state, queues, timer, retransmits, user, probes, inode;
        words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
            probes >> inode;
        const bool is_keepalive = timer.starts_with("02:");
        if (std::stoi(remote.substr(remote.find(':') + 1), nullptr, 16) == port &&
            ours.contains("socket:[" + inode + "]")) {
            found.push_back(is_keepalive ? std::stol(timer.substr(3), nullptr, 16) : -1);
        }
    }
    return found;
}

} // namespace

TEST_CASE("a server that is gone without a word is noticed within a minute")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    (void)session.query("SELECT 1");
    const std::vector<long> found = keepalives(database.url().port);
    REQUIRE(found.size() == 1);
    CHECK(found[0] > 0);
    CHECK(found[0] <= 3000);
}

TEST_CASE("a session answers")
{
    const test::TestDatabase database;
    CHECK(database.value("SELECT 1") == "1");
}

TEST_CASE("the server's flavour and version are asked, not assumed")
{
    const test::TestDatabase database;
    const Session session = database.open();
    const Server& server = session.dialect().server();
    CHECK(server.engine == test::engine());
    const int least = test::engine() == Engine::postgresql ? 120000
                      : test::engine() == Engine::mysql    ? 100600
                                                           : 3035000;
    CHECK(server.version >= least);
    if (test::engine() == Engine::mysql) {
        CHECK(server.is_mariadb ==
              (database.value("SELECT VERSION()").find("MariaDB") != std::string::npos));
    }
}

TEST_CASE("affected rows are those that matched, and 0 where nothing can change")
{
    const test::TestDatabase database;
    Session session = database.open();
    CHECK(session.execute(Statement{"CREATE TABLE t (id int PRIMARY KEY, v int)", {}}) == 0);
    CHECK(session.execute(Statement{"INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)", {}}) == 3);
    CHECK(session.execute(Statement{"UPDATE t SET v = 1 WHERE id <= 2", {}}) == 2);
    CHECK(session.execute(Statement{"UPDATE t SET v = 1 WHERE id = 99", {}}) == 0);
    CHECK(session.execute(Statement{"SELECT * FROM t", {}}) == 0);
    CHECK(session.execute(Statement{"DELETE FROM t", {}}) == 3);
    CHECK(session.execute(Statement{"DROP TABLE t", {}}) == 0);
}

TEST_CASE("affected rows are right for prepared statements too")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
    session.execute("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
    for (int n = 0; n < 4; ++n) {
        Sql sql = session.dialect().sql();
        sql << "UPDATE t SET v = 7 WHERE id <= ";
        sql.bind(2LL);
        CHECK(session.execute(sql.take()) == 2);
    }
}

TEST_CASE("a transaction rolls back unless it was committed")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int)");
    {
        const Transaction transaction(session);
        CHECK(session.in_transaction());
        session.execute("INSERT INTO t VALUES (1)");
    }
    CHECK_FALSE(session.in_transaction());
    CHECK(count_rows(session) == "0");
    Transaction transaction(session);
    session.execute("INSERT INTO t VALUES (1)");
    transaction.commit();
    CHECK_FALSE(session.in_transaction());
    CHECK(count_rows(session) == "1");
}

TEST_CASE("a session that goes away takes its transaction with it")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int)");
    {
        Session session = database.open();
        session.begin();
        session.execute("INSERT INTO t VALUES (1)");
    }
    CHECK(database.value("SELECT count(*) FROM t") == "0");
}

TEST_CASE("committing a transaction that PostgreSQL has aborted throws")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    session.begin();
    CHECK_THROWS_AS(session.execute("SELECT 1/0"), Error);
    CHECK_THROWS_AS(session.commit(), Error);
    CHECK_FALSE(session.in_transaction());
    CHECK(session.query("SELECT 1").size() == 1);
}

TEST_CASE("a statement that returns rows leaves nothing behind for the next")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY)");
    session.execute("INSERT INTO t VALUES (1), (2)");
    session.execute("SELECT id FROM t");
    if (test::engine() == Engine::mysql) {
        session.execute("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END");
        session.execute("CALL p()");
        CHECK(session.query("CALL p()")[0][0] == "1");
    }
    session.begin();
    session.execute("SELECT id FROM t");
    session.commit();
    session.execute("DROP TABLE t");
    CHECK(session.query("SELECT 1")[0][0] == "1");
}

TEST_CASE("one statement is one: a second behind it is refused and the first not run")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int); -- one is enough; really\n");
    CHECK_THROWS_AS(session.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"), Error);
    CHECK(count_rows(session) == "0");
}

TEST_CASE("a script runs every statement, bodies of triggers included")
{
    const test::TestDatabase database;
    const std::string trigger = test::by_engine(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := NEW.v + 1; "
        "RETURN NEW; END $$; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION "
        "f();",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.v = NEW.v + 1; SET NEW.v = "
        "NEW.v + 0; END;",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET v = v + 1; UPDATE t SET v = v + 0; "
        "END;");
    database.run("CREATE TABLE t (v int);\n" + trigger +
                 "\n-- a comment; with a semicolon\nINSERT INTO t VALUES (1);\n\n");
    CHECK(database.value("SELECT v FROM t") == "2");
}

TEST_CASE("a script that fails in the middle says so")
{
    const test::TestDatabase database;
    Session session = database.open();
    CHECK_THROWS_AS(
        session.execute_script("CREATE TABLE t (v int); SELEKT 1; CREATE TABLE u (v int)"), Error);
    CHECK(session.query("SELECT 1")[0][0] == "1");
}

TEST_CASE("more different statements than the cache holds all work, again and again")
{
    const test::TestDatabase database;
    Session session = database.open();
    for (int round = 0; round < 3; ++round) {
        for (int n = 0; n < 150; ++n) {
            Sql sql = session.dialect().sql();
            sql << "SELECT " + std::to_string(n) + " + " << test::by_engine("CAST(", "", "");
            sql.bind(1LL) << test::by_engine(" AS int)", "", "");
            const Statement statement = sql.take();
            CHECK(session.query(statement)[0][0] == std::to_string(n + 1));
            CHECK(session.query(statement)[0][0] == std::to_string(n + 1));
        }
    }
}

TEST_CASE("a prepared statement survives a change of its table")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
    session.execute("INSERT INTO t VALUES (1, 5)");
    const auto value = [&session] {
        Sql sql = session.dialect().sql();
        sql << "SELECT v FROM t WHERE id = ";
        sql.bind(1LL);
        return session.query(sql.take())[0][0];
    };
    CHECK(value() == "5");
    CHECK(value() == "5");
    if (test::engine() == Engine::sqlite) {
        database.run("ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD COLUMN v text DEFAULT 'x'");
    } else {
        database.run("ALTER TABLE t DROP COLUMN v");
        database.run("ALTER TABLE t ADD COLUMN v varchar(10) DEFAULT 'x'");
    }
    CHECK(value() == "x");
    CHECK(value() == "x");
}

TEST_CASE("the hook sees every statement with the session's purpose, before it is sent")
{
    const test::TestDatabase database;
    std::vector<std::string> seen;
    Session session =
        database.open({.purpose = "tracing",
                       .before_statement = [&seen](std::string_view purpose, std::string_view sql) {
                           CHECK(purpose == "tracing");
                           seen.emplace_back(sql);
                       }});
    seen.clear();
    session.begin();
    session.execute("CREATE TABLE t (id int, v int)");
    Sql sql = session.dialect().sql();
    sql << "SELECT v FROM t WHERE id = ";
    sql.bind("4711");
    static_cast<void>(session.query(sql.take()));
    session.commit();
    REQUIRE(seen.size() == 4);
    CHECK(seen[0].find(test::by_engine("BEGIN", "START TRANSACTION", "BEGIN IMMEDIATE")) == 0);
    CHECK(seen[2].find("4711") == std::string::npos);
    CHECK(seen[3] == "COMMIT");
}

TEST_CASE("a session whose hook threw is as good as dead: nothing more reaches the server")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int)");
    int left = 1'000;
    int sent = 0;
    {
        Session session = database.open(
            {.before_statement = [&](std::string_view /*purpose*/, std::string_view /*sql*/) {
                if (--left == 0) {
                    throw std::runtime_error("died here");
                }
                ++sent;
            }});
        session.begin();
        session.execute("INSERT INTO t VALUES (1)");
        left = 1;
        CHECK_THROWS_AS(session.commit(), std::runtime_error);
        const int before = sent;
        session.rollback();
        CHECK_THROWS_AS(session.execute("INSERT INTO t VALUES (2)"), Error);
        CHECK_THROWS_AS(session.commit(), Error);
        CHECK(sent == before);
    }
    CHECK(database.value("SELECT count(*) FROM t") == "0");
}

TEST_CASE("a connection can be seen by its id, and ended")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Session watcher = database.open();
    Session session = database.open();
    const std::string id = session.connection_id();
    CHECK(session.connection_id() == id);
    CHECK(watcher.is_alive(id));
    CHECK(watcher.is_alive(watcher.connection_id()));
    CHECK_FALSE(watcher.is_alive(id + "0"));
    CHECK_FALSE(watcher.is_alive("1" + id));
    CHECK_FALSE(watcher.is_alive("nonsense"));
    watcher.terminate(id);
    while (watcher.is_alive(id)) {
        std::this_thread::yield();
    }
    try {
        session.execute("SELECT 1");
        FAIL("a session that was ended still answers");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::connection);
        CHECK(error.details.cause == Cause::connection_lost);
    }
    watcher.terminate(id); // gone already: nothing to do
}

TEST_CASE("a connection whose statement still runs is seen, and ended in the middle of it")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Session watcher = database.open();
    Session session = database.open();
    const std::string id = session.connection_id();
    std::optional<Cause> cause;
    std::jthread busy([&session, &cause] {
        try {
            session.execute(endless_query());
        } catch (const Error& error) {
            cause = error.details.cause;
        }
    });
    while (watcher.is_alive(id)) {
        watcher.terminate(id);
    }
    busy.join();
    CHECK(cause == Cause::connection_lost);
}

TEST_CASE("a second begin in a transaction is a mistake, and commits nothing")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int)");
    Session session = database.open();
    session.begin();
    session.execute("INSERT INTO t VALUES (1)");
    CHECK_THROWS_AS(session.begin(), Error);
    session.rollback();
    CHECK(count_rows(session) == "0");
}

TEST_CASE("a server is reached through its unix socket")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Url url = database.url();
    url.socket = database.value(
        test::by_engine("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)",
                        "SELECT @@socket", ""));
    url.host.clear();
    if (test::engine() == Engine::mysql) { // the tests' own user may come in over TCP only
        url.user = "root";
        url.password.clear();
    }
    CHECK(Session(url, {}).query("SELECT 1")[0][0] == "1");
    if (test::engine() == Engine::postgresql) {
        url.socket += "/.s.PGSQL." + std::to_string(url.port);
        url.port = 0;
        CHECK(Session(url, {}).query("SELECT 1")[0][0] == "1");
    }
}

TEST_CASE("another thread can stop a running statement, and the session goes on")
{
    const test::TestDatabase database;
    Session session = database.open();
    std::jthread stopper([&session](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            session.cancel();
        }
    });
    try {
        session.execute(endless_query());
        FAIL("the statement ran to its end");
    } catch (const Error& error) {
        CHECK(error.details.cause == Cause::cancelled);
    }
    stopper.request_stop();
    stopper.join();
    CHECK(session.query("SELECT 1")[0][0] == "1");
}

TEST_CASE("the statement time-out holds")
{
    const test::TestDatabase database;
    Session session = database.open({.statement_timeout = 100ms});
    try {
        session.execute(endless_query());
        FAIL("the statement ran to its end");
    } catch (const Error& error) {
        CHECK(error.details.cause == Cause::statement_timeout);
    }
    CHECK(session.query("SELECT 1")[0][0] == "1");
}

TEST_CASE("the session is set up as its options say")
{
    const test::TestDatabase database;
    Session session = database.open({.purpose = "probe",
                                     .lock_timeout = 300ms,
                                     .statement_timeout = 1500ms,
                                     .durability = Durability::relaxed,
                                     .batch = true});
    const auto value = [&session](const std::string& sql) {
        return session.query(sql)[0][0].value_or("NULL");
    };
    switch (test::engine()) {
    case Engine::postgresql:
        CHECK(value("SHOW application_name") == "sluice probe");
        CHECK(value("SHOW lock_timeout") == "100ms"); // a batch waits no longer
        CHECK(value("SHOW statement_timeout") == "1500ms");
        CHECK(value("SHOW synchronous_commit") == "off");
        CHECK(value("SHOW enable_sort") == "off");
        CHECK(value("SHOW transaction_isolation") == "read committed");
        break;
    case Engine::mysql:
        CHECK(value("SELECT @@innodb_lock_wait_timeout") ==
              (session.dialect().server().is_mariadb ? "0" : "1"));
        CHECK(value("SELECT @@lock_wait_timeout") == "1");
        CHECK(value("SELECT @@time_zone") == "+00:00");
        CHECK(value("SELECT @@character_set_connection") == "utf8mb4");
        CHECK(value("SELECT @@sql_mode").find("STRICT_ALL_TABLES") != std::string::npos);
        break;
    case Engine::sqlite:
        CHECK(value("PRAGMA journal_mode") == "wal");
        CHECK(value("PRAGMA foreign_keys") == "1");
        CHECK(value("PRAGMA synchronous") == "1");
        CHECK(value("PRAGMA busy_timeout") == "300");
        break;
    }
}

TEST_CASE("a lock time-out that PostgreSQL's deadlock detector would come before is refused")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    try {
        static_cast<void>(database.open({.lock_timeout = 5s}));
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("deadlock_timeout") != std::string::npos);
    }
}

TEST_CASE("a database that may only be read can be read")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
    Session session(parse_url(database.url_text() + "?mode=ro"), {});
    CHECK(count_rows(session) == "1");
    session.begin();
    CHECK(count_rows(session) == "1");
    session.commit();
    try {
        session.execute("INSERT INTO t VALUES (2)");
        FAIL("it was written to");
    } catch (const Error& error) {
        CHECK(error.details.cause == Cause::read_only);
    }
}

TEST_CASE("a SQLite path may hold any character")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    const std::string path = database.url().path + " it's \"a\" #100%25 = \xC3\xA9?.db";
    Url url = database.url();
    url.path = path;
    Session(url, {}).execute("CREATE TABLE t (id int)");
    CHECK(std::ifstream(path).good());
}
