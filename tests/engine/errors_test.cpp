#include "sluice/core/error.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

std::optional<Error> error_of(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

std::optional<Error> error_of(Session& session, const std::string& sql)
{
    return error_of([&] { session.execute(sql); });
}

std::string everything(const Error& error)
{
    return error.message + " | " + error.details.hint + " | " + error.details.statement;
}

/// Passwords that break connect strings, shells, URLs and SQL.
const std::vector<std::string>& nasty_passwords()
{
    static const std::vector<std::string> passwords{"a b=c",
                                                    "it's \"q\"",
                                                    "back\\slash\\",
                                                    "p@ss:w/o?r#d%20&x=y;",
                                                    "'",
                                                    "\"",
                                                    " leading end ",
                                                    "\xC3\xA9\xE6\xB0\xB4\xF0\x9F\x9A\xB0",
                                                    "host=evil password=x",
                                                    "tab\tnew\nline"};
    return passwords;
}

std::string percent_encoded(const std::string& text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += digits[byte >> 4U];
        result += digits[byte & 15U];
    }
    return result;
}

/// A user of this test alone, dropped at the end.
class TestUser {
public:
    TestUser(const test::TestDatabase& database, const std::string& password)
        : session_(database.open())
        , name_("u_" + database.url().database)
        , account_(test::by_engine(name_, "'" + name_ + "'@'%'", ""))
    {
        std::string quoted;
        for (const char c : password) {
            quoted += c == '\'' ? "''" : std::string(1, c);
            quoted += c == '\\' && test::engine() == Engine::mysql ? "\\" : "";
        }
        session_.execute("CREATE USER " + account_ +
                         test::by_engine(" PASSWORD '", " IDENTIFIED BY '", "") + quoted + "'");
        if (test::engine() == Engine::mysql) {
            session_.execute("GRANT SELECT ON " + database.url().database + ".* TO " + account_);
        }
    }

    TestUser(const TestUser&) = delete;
    TestUser& operator=(const TestUser&) = delete;

    ~TestUser()
    {
        try {
            session_.execute("DROP USER " + account_);
        } catch (const Error& error) {
            MESSAGE(error.message);
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    Session session_;
    std::string name_;
    std::string account_;
};

std::string url_of(const test::TestDatabase& database, const std::string& user,
                   const std::string& password)
{
    const Url& url = database.url();
    return std::string(name_of(url.engine)) + "://" + user + ":" + percent_encoded(password) + "@" +
           url.host + ":" + std::to_string(url.port) + "/" + url.database;
}

} // namespace

TEST_CASE("a syntax error is one, with the statement and the server's words")
{
    const test::TestDatabase database;
    Session session = database.open();
    const auto error = error_of(session, "SELECT FROM WHERE");
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::sql);
    CHECK(error->details.cause == Cause::syntax);
    CHECK(error->details.statement == "SELECT FROM WHERE");
    CHECK(error->message.find("syntax") != std::string::npos);
}

TEST_CASE("a syntax error far down in a text says in which line")
{
    const test::TestDatabase database;
    Session session = database.open();
    const auto error =
        error_of(session, "SELECT '\xC3\xA9'\n FROM\n (SELECT 1) AS t\n WHERE WHERE");
    REQUIRE(error);
    CHECK(error->details.cause == Cause::syntax);
    CHECK(error->message.find(test::by_engine("line 4", "line 4", "WHERE")) != std::string::npos);
}

TEST_CASE("an unknown table or column is an unknown object")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int)");
    for (const char* sql : {"SELECT * FROM nothere", "SELECT nothere FROM t", "DROP TABLE nothere",
                            "INSERT INTO t (nothere) VALUES (1)", "SELECT nothere(1)"}) {
        CAPTURE(sql);
        const auto error = error_of(session, sql);
        REQUIRE(error);
        CHECK(error->details.cause == Cause::unknown_object);
    }
}

TEST_CASE("a broken constraint is one")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, w int UNIQUE, CHECK (v > 0))");
    session.execute(
        "CREATE TABLE u (id int PRIMARY KEY, t int, FOREIGN KEY (t) REFERENCES t (id))");
    session.execute("INSERT INTO t VALUES (1, 1, 1)");
    for (const char* sql : {"INSERT INTO t VALUES (1, 1, 2)", "INSERT INTO t VALUES (2, NULL, 2)",
                            "INSERT INTO t VALUES (2, 1, 1)", "INSERT INTO t VALUES (2, 0, 2)",
                            "INSERT INTO u VALUES (1, 99)"}) {
        CAPTURE(sql);
        const auto error = error_of(session, sql);
        REQUIRE(error);
        CHECK(error->details.cause == Cause::constraint);
        CHECK_FALSE(is_retryable(error->details.cause));
    }
}

TEST_CASE("a value that a row cannot have is told like a broken constraint")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, s varchar(3)" +
                    test::by_engine("", "", ", CHECK (length(s) < 4)") + ")");
    session.execute("INSERT INTO t VALUES (1, 0, 'a'), (2, 7, 'b')");
    std::vector<std::string> statements{"UPDATE t SET s = 'too long'",
                                        "UPDATE t SET v = NULL WHERE id = 1"};
    if (test::engine() == Engine::sqlite) {
        statements.emplace_back("UPDATE t SET v = abs(-9223372036854775808)");
        statements.emplace_back("UPDATE t SET s = json_extract('{', '$')");
    } else {
        statements.emplace_back("UPDATE t SET v = 1 / v");
        statements.emplace_back("UPDATE t SET v = 2147483647 + id");
        statements.emplace_back("UPDATE t SET v = " +
                                test::by_engine("CAST(s AS integer)", "s", ""));
        statements.emplace_back("UPDATE t SET v = (SELECT o.id FROM " +
                                test::by_engine("t AS o", "(SELECT id FROM t) AS o", "") + ")");
    }
    for (const std::string& sql : statements) {
        CAPTURE(sql);
        const auto error = error_of(session, sql);
        REQUIRE(error);
        CHECK(error->details.cause == Cause::constraint);
    }
}

TEST_CASE("a lock that is not granted in time is a lock time-out, soon")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)");
    Session holder = database.open();
    holder.begin();
    holder.execute("UPDATE t SET v = 2 WHERE id = 1");
    Session waiter = database.open({.lock_timeout = 100ms});
    const auto start = std::chrono::steady_clock::now();
    const auto error = error_of(waiter, "UPDATE t SET v = 3 WHERE id = 1");
    REQUIRE(error);
    CHECK(error->details.cause == Cause::lock_timeout);
    CHECK(is_retryable(error->details.cause));
    CHECK(std::chrono::steady_clock::now() - start <
          40s); // not as long as the server's own setting
    holder.rollback();
    CHECK(waiter.execute(Statement{"UPDATE t SET v = 3 WHERE id = 1", {}}) == 1);
}

TEST_CASE("a schema change gives up on a lock as well")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)");
    Session holder = database.open();
    holder.begin();
    holder.execute("UPDATE t SET v = 2 WHERE id = 1");
    Session waiter = database.open({.lock_timeout = 100ms});
    const auto error = error_of(waiter, "ALTER TABLE t ADD COLUMN w int");
    REQUIRE(error);
    CHECK(error->details.cause == Cause::lock_timeout);
}

TEST_CASE("the victim of a deadlock or of a changed snapshot may try again")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2)");
    Session one = database.open();
    Session two = database.open({.lock_timeout = 0ms});
    one.begin();
    one.execute("UPDATE t SET v = 9 WHERE id = 1");
    const auto error = error_of([&] {
        two.begin();
        two.execute("UPDATE t SET v = 9 WHERE id = 2");
        two.execute("UPDATE t SET v = 9 WHERE id = 1");
    });
    REQUIRE(error);
    CHECK(is_retryable(error->details.cause));
    two.rollback();
    one.execute("UPDATE t SET v = 9 WHERE id = 2");
    one.commit();
}

TEST_CASE("committing what a deadlock has rolled back throws")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2)");
    Session one = database.open({.lock_timeout = 20s});
    Session two = database.open({.lock_timeout = 20s});
    one.begin();
    one.execute("UPDATE t SET v = 8 WHERE id = 1");
    two.begin();
    two.execute("UPDATE t SET v = 9 WHERE id = 2");
    // Each waits for the other; the server ends one of them and lets the other go on.
    std::optional<Error> first;
    std::jthread other([&] { first = error_of(one, "UPDATE t SET v = 8 WHERE id = 2"); });
    const std::optional<Error> second = error_of(two, "UPDATE t SET v = 9 WHERE id = 1");
    other.join();
    REQUIRE(first.has_value() != second.has_value());
    CHECK((first ? first : second)->details.cause == Cause::deadlock);
    Session& victim = first ? one : two;
    Session& winner = first ? two : one;
    CHECK_THROWS_AS(victim.commit(), Error);
    CHECK_FALSE(victim.in_transaction());
    winner.commit();
    const std::string written = first ? "9" : "8";
    CHECK(database.value("SELECT min(v) FROM t") == written);
    CHECK(database.value("SELECT max(v) FROM t") == written);
}

TEST_CASE("syntax is checked without running anything")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
    for (const char* sql :
         {"INSERT INTO t VALUES (1, 1)", "DROP TABLE t", "ALTER TABLE t ADD COLUMN w int",
          "CREATE INDEX i ON t (v)", "DELETE FROM t", "CREATE TABLE u (id int)"}) {
        CAPTURE(sql);
        session.check_syntax(sql);
        session.check_syntax(std::string(sql) + ";");
    }
    CHECK(session.query("SELECT count(*) FROM t")[0][0] == "0");
    for (const char* sql : {"SELEKT 1", "ALTER TABLE t ADD", "CREATE INDX i ON t (v)",
                            "UPDATE t SET v =", "SELECT 'unclosed", "CREATE TABLE u (id int"}) {
        CAPTURE(sql);
        const auto error = error_of([&] { session.check_syntax(sql); });
        REQUIRE(error);
        CHECK(error->details.cause == Cause::syntax);
    }
    const auto error = error_of([&] { session.check_syntax("SELECT nothere FROM t"); });
    REQUIRE(error);
    CHECK(error->details.cause == Cause::unknown_object);
}

TEST_CASE("statements that cannot run inside a transaction or a block can be checked")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
    const std::vector<std::string> good =
        test::engine() == Engine::postgresql
            ? std::vector<std::string>{"CREATE INDEX CONCURRENTLY i ON t (v)",
                                       "VACUUM t",
                                       "DO $$ BEGIN END $$",
                                       "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT "
                                       "1 $x$",
                                       "ALTER TABLE t SET (fillfactor = 70)",
                                       "TRUNCATE t"}
        : test::engine() == Engine::mysql
            ? std::vector<std::string>{"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.v "
                                       "= 1",
                                       "LOCK TABLES t WRITE", "OPTIMIZE TABLE t"}
            : std::vector<std::string>{"VACUUM", "REINDEX t", "PRAGMA user_version",
                                       "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END"};
    for (const std::string& sql : good) {
        CAPTURE(sql);
        session.check_syntax(sql);
    }
    CHECK_FALSE(session.in_transaction());
}

TEST_CASE("any password works, and none is ever shown")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    for (const std::string& password : nasty_passwords()) {
        CAPTURE(password);
        const TestUser user(database, password);
        Session session(parse_url(url_of(database, user.name(), password)), {});
        CHECK(session.query("SELECT 1")[0][0] == "1");
        const auto error = error_of([&] {
            static_cast<void>(
                Session(parse_url(url_of(database, user.name(), password + "wrong")), {}));
        });
        REQUIRE(error);
        CHECK(error->kind == ErrorKind::connection);
        CHECK(error->details.cause == Cause::permission);
        CHECK(everything(*error).find(password + "wrong") == std::string::npos);
        CHECK(everything(*error).find(user.name()) != std::string::npos);
    }
}

TEST_CASE("a user without the right to do something is told so")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (id int)");
    const TestUser user(database, "secret");
    Session session(parse_url(url_of(database, user.name(), "secret")), {});
    const auto error = error_of(session, "DROP TABLE t");
    REQUIRE(error);
    CHECK(error->details.cause == Cause::permission);
}

TEST_CASE("a server that is not there is a connection error that names the place")
{
    const test::TestDatabase database;
    Url url = database.url();
    url.port = 1;
    url.password = "hunter2";
    url.path = "/nonexistent/dir/a.db";
    const auto error = error_of([&] { static_cast<void>(Session(url, {})); });
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::connection);
    CHECK(error->details.cause ==
          (test::engine() == Engine::sqlite ? Cause::other : Cause::connection_lost));
    CHECK(error->message.find(test::by_engine("127.0.0.1:1", "127.0.0.1:1", "/nonexistent")) !=
          std::string::npos);
    CHECK_FALSE(error->details.hint.empty());
    CHECK(everything(*error).find("hunter2") == std::string::npos);
}

TEST_CASE("a database that does not exist is named")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Url url = database.url();
    url.database = "no_such_database";
    const auto error = error_of([&] { static_cast<void>(Session(url, {})); });
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::connection);
    CHECK(error->message.find("\"no_such_database\"") != std::string::npos);
    CHECK(error->details.cause == Cause::unknown_object);
    CHECK(error->details.hint.find("database") != std::string::npos);
}

TEST_CASE("a file that is not a database is refused when it is opened")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    std::ofstream(database.url().path)
        << "this is a text file and not a database, whatever it says";
    const auto error = error_of([&] { static_cast<void>(database.open()); });
    REQUIRE(error);
    CHECK(error->kind == ErrorKind::connection);
    CHECK(error->message.find("not a database") != std::string::npos);
}

TEST_CASE("TLS that cannot be had is refused, never left out in silence")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    const auto refusal = [&](const std::string& parameters) {
        const auto error = error_of([&] {
            static_cast<void>(Session(parse_url(database.url_text() + "?" + parameters), {}));
        });
        return error ? error->message : "connected";
    };
    if (test::engine() == Engine::postgresql) {
        CHECK(refusal("sslmode=require").find("SSL") != std::string::npos);
        CHECK(refusal("sslmode=disable") == "connected");
        CHECK(refusal("sslmode=prefer") == "connected");
        return;
    }
    CHECK(refusal("ssl-mode=disabled") == "connected");
    CHECK(refusal("ssl-mode=preferred") == "connected");
    CHECK(refusal("ssl-mode=required").find("ssl-ca") != std::string::npos);
    CHECK(refusal("ssl-mode=verify-identity").find("not available") != std::string::npos);
    CHECK(refusal("ssl-mode=disabled&ssl-ca=/x").find("contradicts") != std::string::npos);
    const std::string ca = "/etc/ssl/certs/ca-certificates.crt";
    CHECK(refusal("ssl-mode=required&ssl-ca=" + ca) != "connected");
    CHECK(refusal("ssl-ca=/nonexistent") != "connected");
}

TEST_CASE("a column of a read-only transaction cannot be written")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int)");
    session.execute("START TRANSACTION READ ONLY");
    const auto error = error_of(session, "INSERT INTO t VALUES (1)");
    REQUIRE(error);
    CHECK(error->details.cause == Cause::read_only);
    session.rollback();
}

TEST_CASE("a full disk is out of space")
{
    const test::TestDatabase database;
    Session session = database.open();
    if (test::engine() == Engine::sqlite) {
        session.execute("CREATE TABLE t (v text)");
        session.execute("PRAGMA max_page_count = 20");
        const auto error = error_of(session, "INSERT INTO t VALUES (hex(zeroblob(1000000)))");
        REQUIRE(error);
        CHECK(error->details.cause == Cause::out_of_space);
    } else if (test::engine() == Engine::mysql) {
        session.execute("SET SESSION max_heap_table_size = 16384");
        session.execute("CREATE TABLE t (v char(200)) ENGINE=MEMORY");
        const auto error = error_of(
            session, "INSERT INTO t WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n "
                     "WHERE x < 900) SELECT 'x' FROM n");
        REQUIRE(error);
        CHECK(error->details.cause == Cause::out_of_space);
    } else {
        const auto error = error_of(
            session, "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$");
        REQUIRE(error);
        CHECK(error->details.cause == Cause::out_of_space);
    }
}

TEST_CASE("COPY that needs a stream is refused, and the session goes on")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (id int)");
    CHECK(error_of(session, "COPY t FROM STDIN").has_value());
    CHECK(session.query("SELECT 1")[0][0] == "1");
    session.execute("INSERT INTO t VALUES (1), (2)");
    session.execute("COPY t TO STDOUT");
    CHECK(session.query("SELECT 1")[0][0] == "1");
}
