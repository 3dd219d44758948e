#include "sluice/db/lock_holders.h"
#include "support/database.h"
#include "support/faults.h"
#include "support/other_process.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using namespace std::chrono_literals;

/// What holds a lock on table t.
test::OtherProcess writer(const test::TestDatabase& database)
{
    return {
        database, "UPDATE t SET name = 'secret' WHERE id = 4711", {.purpose = "nightly report"}};
}

void create_table(const test::TestDatabase& database)
{
    database.run("CREATE TABLE t (id int PRIMARY KEY, name varchar(20)); "
                 "INSERT INTO t VALUES (4711, 'a')");
}

std::vector<LockHolder> fresh_lock_holders(Session& session)
{
    if (test::engine() != Engine::mysql) {
        return lock_holders(session, {{"", "t"}});
    }
    std::vector<LockHolder> holders;
    for (int n = 0; n < 50 && holders.empty(); ++n) { // others may have looked just now
        test::let_server_look_again(session);
        holders = lock_holders(session, {{"", "t"}});
    }
    return holders;
}

} // namespace

TEST_CASE("who holds a lock is named, and what it said without its values")
{
    const test::TestDatabase database;
    create_table(database);
    const test::OtherProcess other = writer(database);
    Session session = database.open({.lock_timeout = 100ms});
    const std::vector<LockHolder> holders = fresh_lock_holders(session);
    REQUIRE(holders.size() == 1);
    const std::string text = describe(holders, test::engine());
    CAPTURE(text);
    if (test::engine() == Engine::sqlite) {
        CHECK(holders[0].session == "process " + std::to_string(other.pid()));
        CHECK(text.find("held by process " + std::to_string(other.pid()) + " (engine_tests, ") ==
              0);
        return;
    }
    CHECK(text.find(test::by_engine("held by pid ", "perhaps held by connection ", "")) == 0);
    CHECK(text.find(test::by_engine("sluice nightly report, user \"postgres\", idle in transaction",
                                    "user \"sluice\", Sleep", "")) != std::string::npos);
    CHECK(text.find("transaction open for ") != std::string::npos);
    CHECK(holders[0].age.value_or(99h) < 60s);
    CHECK(text.find("secret") == std::string::npos);
    CHECK(text.find("4711)") == std::string::npos);
}

TEST_CASE("an error about a lock says who held it, another one is left alone")
{
    const test::TestDatabase database;
    create_table(database);
    const test::OtherProcess other = writer(database);
    Session session = database.open({.lock_timeout = 100ms});
    REQUIRE_FALSE(fresh_lock_holders(session).empty());
    const Error of_lock(ErrorKind::sql, "no lock", {.cause = Cause::lock_timeout});
    const Error named = naming_lock_holders(of_lock, session, {{"", "t"}});
    CHECK(named.message.find("no lock; ") == 0);
    CHECK(named.message.find("held by ") != std::string::npos);
    CHECK(named.details.cause == Cause::lock_timeout);
    const Error of_syntax(ErrorKind::sql, "no syntax", {.cause = Cause::syntax});
    CHECK(naming_lock_holders(of_syntax, session, {{"", "t"}}).message == "no syntax");
}

TEST_CASE("nobody holds a lock when the other transaction has ended")
{
    const test::TestDatabase database;
    create_table(database);
    {
        const test::OtherProcess other = writer(database);
    }
    Session session = database.open();
    CHECK(fresh_lock_holders(session).empty());
    CHECK(lock_holders(session, {{"", "no such table"}}).empty());
    CHECK(describe({}, test::engine()).empty());
}

TEST_CASE("what a holder says is cut to a line, between its characters")
{
    const std::string text = describe({{.session = "pid 1",
                                        .user = "ada",
                                        .program = "psql",
                                        .activity = "active",
                                        .statement = "SELECT 'a''b', 17,\n\tcolumn_ä FROM t -- x",
                                        .age = 90s}},
                                      Engine::postgresql);
    CHECK(text == "held by pid 1 (psql, user \"ada\", active, transaction open for 90 s: "
                  "SELECT ?, ?, column_ä FROM t)");
    std::string many = "SELECT 1";
    for (int n = 0; n < 60; ++n) {
        many += ", ä";
    }
    const std::string cut = describe({{.session = "pid 1", .statement = many}}, Engine::postgresql);
    CHECK(cut.size() < 110);
    CHECK(cut.find("…)") == cut.size() - 4);
}

} // namespace sluice
