#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "sluice/verify/verify.h"
#include "support/backfill.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

VerifyWork work(const std::string& expect)
{
    return {.table = {"", "users"},
            .key = {test::key_column()},
            .expect = expect,
            .about = "\"username\" is the lower case of \"user_name\""};
}

} // namespace

TEST_CASE("a table in which every row is as expected passes, and all rows were looked at")
{
    const test::TestDatabase database;
    test::make_users(database, 60);
    database.run("UPDATE users SET username = lower(user_name)");
    Session session = database.open();
    test::Recorder listener;
    const VerifyReport report = verify(session, work("username = lower(user_name)"), listener, {});
    CHECK(report.passed());
    CHECK(report.rows == 60);
    CHECK(report.failed_keys.empty());
    CHECK(listener.events.empty());
}

TEST_CASE("an empty table passes")
{
    const test::TestDatabase database;
    test::make_users(database, 0);
    Session session = database.open();
    test::Recorder listener;
    CHECK(verify(session, work("username IS NOT NULL"), listener, {}).passed());
}

TEST_CASE("rows for which the expectation is false or unknown fail, and are named")
{
    const test::TestDatabase database;
    test::make_users(database, 60);
    database.run("UPDATE users SET username = lower(user_name) WHERE id > 9");
    database.run("UPDATE users SET username = 'wrong' WHERE id = 9");
    Session session = database.open();
    test::Recorder listener;
    const VerifyReport report = verify(session, work("username = lower(user_name)"), listener, {});
    CHECK_FALSE(report.passed());
    CHECK(report.failures == 3);
    REQUIRE(report.failed_keys.size() == 3);
    CHECK(decode_key(report.failed_keys[0]) == KeyValues{"3"});
    CHECK(decode_key(report.failed_keys[2]) == KeyValues{"9"});
    REQUIRE(listener.all<Note>().size() == 1);
    CHECK(listener.all<Note>()[0].text.find(
              "table \"users\": 60 rows looked at, 3 not as they should be") == 0);
}

TEST_CASE("of many rows that fail the first twenty are named and all are counted")
{
    const test::TestDatabase database;
    test::make_users(database, 21'000);
    Session session = database.open();
    test::Recorder listener;
    const VerifyReport report = verify(session, work("username IS NOT NULL"), listener, {});
    CHECK(report.rows == 21'000);
    CHECK(report.failures == 21'000);
    CHECK(report.failed_keys.size() == 20);
    CHECK(decode_key(report.failed_keys[0]) == KeyValues{"3"});
}

TEST_CASE("a row that is right at the second look does not count")
{
    const test::TestDatabase database;
    test::make_users(database, 60);
    database.run("UPDATE users SET username = lower(user_name) WHERE id NOT IN (3, 30)");
    bool is_mended = false;
    int asked = 0;
    Session session =
        database.open({.before_statement = [&](std::string_view, std::string_view sql) {
            // The first look has named its suspects when their chunk is asked for again.
            const bool names = sql.find("CASE WHEN (username") != std::string_view::npos &&
                               sql.find("LIMIT") != std::string_view::npos;
            asked += names ? 1 : 0;
            if (asked == 2 && !is_mended) {
                is_mended = true;
                database.run("UPDATE users SET username = lower(user_name) WHERE id = 3");
                database.run("UPDATE users SET username = 'broken since' WHERE id = 33");
            }
        }});
    test::Recorder listener;
    const VerifyReport report = verify(session, work("username = lower(user_name)"), listener, {});
    REQUIRE(is_mended);
    CHECK(report.failures == 1);
    REQUIRE(report.failed_keys.size() == 1);
    CHECK(decode_key(report.failed_keys[0]) == KeyValues{"30"});
}

TEST_CASE("an expectation may end with a comment and name any column")
{
    const test::TestDatabase database;
    test::make_users(database, 10);
    Session session = database.open();
    test::Recorder listener;
    CHECK(verify(session, work("n = 0 OR id > 5 -- both"), listener, {}).passed());
}

TEST_CASE("a request to stop ends a verification")
{
    const test::TestDatabase database;
    test::make_users(database, 10);
    Session session = database.open();
    test::Recorder listener;
    std::stop_source stop;
    stop.request_stop();
    try {
        (void)verify(session, work("n = 0"), listener, stop.get_token());
        FAIL("not stopped");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::interrupted);
    }
}
