#include "sluice/core/nearest.h"
#include "sluice/db/error_translation.h"
#include "sluice/db/statement_cache.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;

TEST_CASE("what another attempt may cure is retryable on every engine")
{
    for (const char* sqlstate : {"40P01", "40001", "55P03", "57P01", "08006"}) {
        CAPTURE(sqlstate);
        CHECK(is_retryable(cause_of_sqlstate(sqlstate)));
    }
    for (const int code : {1213, 1205, 3572, 1969, 3024, 2006, 2013, 1927, 1020}) {
        CAPTURE(code);
        CHECK(is_retryable(cause_of_mysql(code, "")));
    }
    for (const int code : {5, 6, 517, 261}) {
        CAPTURE(code);
        CHECK(is_retryable(cause_of_sqlite(code, "")));
    }
    CHECK_FALSE(is_retryable(cause_of_sqlstate("23505")));
    CHECK_FALSE(is_retryable(cause_of_mysql(1062, "")));
    CHECK_FALSE(is_retryable(cause_of_sqlite(2067, "")));
}

TEST_CASE("a full disk is told apart on every engine")
{
    CHECK(cause_of_sqlstate("53100") == Cause::out_of_space);
    CHECK(cause_of_mysql(1021, "") == Cause::out_of_space);
    CHECK(cause_of_mysql(1114, "") == Cause::out_of_space);
    CHECK(cause_of_mysql(1030, "Got error 28 \"No space left on device\" from storage engine") ==
          Cause::out_of_space);
    CHECK(cause_of_mysql(1030, "Got error 122 from storage engine") == Cause::other);
    CHECK(cause_of_sqlite(13, "database or disk is full") == Cause::out_of_space);
}

TEST_CASE("what one row's values bring about is told from what no row can help")
{
    for (const char* sqlstate : {"22001", "22003", "22007", "22012", "22P02", "23514", "21000",
                                 "44000", "45000", "P0001"}) {
        CAPTURE(sqlstate);
        CHECK(cause_of_sqlstate(sqlstate) == Cause::constraint);
    }
    for (const char* sqlstate : {"42601", "42703", "42P01", "42804", "42501", "53100", "53200",
                                 "25006", "55P03", "57014", "XX000"}) {
        CAPTURE(sqlstate);
        CHECK(cause_of_sqlstate(sqlstate) != Cause::constraint);
    }
    for (const int code : {1264, 1292, 1365, 1366, 1406, 1644, 1690, 4025}) {
        CAPTURE(code);
        CHECK(cause_of_mysql(code, "") == Cause::constraint);
    }
    for (const int code : {1021, 1037, 1038, 1054, 1064, 1114, 1142, 1146, 1205, 1213, 1290}) {
        CAPTURE(code);
        CHECK(cause_of_mysql(code, "") != Cause::constraint);
    }
    CHECK(cause_of_sqlite(1, "integer overflow") == Cause::constraint);
    CHECK(cause_of_sqlite(1811, "a trigger's own words") == Cause::constraint);
    CHECK(cause_of_sqlite(7, "out of memory") != Cause::constraint);
    CHECK(cause_of_sqlite(1, "no such column: overflow") != Cause::constraint);
}

TEST_CASE("SQLite's one code for errors is told apart by its words")
{
    CHECK(cause_of_sqlite(1, "near \"selct\": syntax error") == Cause::syntax);
    CHECK(cause_of_sqlite(1, "incomplete input") == Cause::syntax);
    CHECK(cause_of_sqlite(1, "no such column: a") == Cause::unknown_object);
    CHECK(cause_of_sqlite(1, "table t has no column named b") == Cause::unknown_object);
    CHECK(cause_of_sqlite(1, "abort due to trigger") == Cause::other);
}

TEST_CASE("a server's sentence takes our style")
{
    CHECK(tidy("Duplicate entry 'a' for key 'b'") == "duplicate entry 'a' for key 'b'");
    CHECK(tidy("SSL is required.\n") == "SSL is required");
    CHECK(tidy("connection refused\n\tIs the server running?\r\n") ==
          "connection refused Is the server running?");
    CHECK(tidy("two  blanks stay") == "two  blanks stay");
    CHECK(tidy("").empty());
}

TEST_CASE("a failed connection says where and as whom, and never with what password")
{
    const Url url = parse_url("mysql://me:hunter2@db.example:3307/app");
    const Error error = connection_failure(url, "hunter2 is wrong: Access denied for 'me'", 1045);
    CHECK(error.kind == ErrorKind::connection);
    CHECK(error.details.cause == Cause::permission);
    CHECK(error.message == "cannot connect to mysql at \"db.example:3307\", database \"app\", user "
                           "\"me\": *** is wrong: Access denied for 'me'");
    CHECK(error.details.hint.find("hunter2") == std::string::npos);
}

TEST_CASE("the nearest candidate is the one with the fewest edits, if it is near at all")
{
    CHECK(nearest("user_nam", {"email", "user_name", "user_no"}) == "user_name");
    CHECK(nearest("TABLE", {"table", "column"}) == "table");
    CHECK(nearest("x", {"y"}) == std::nullopt);
    CHECK(nearest("oracle", {"mysql", "sqlite"}) == std::nullopt);
}

TEST_CASE("the cache of statements is bounded and gives up the one unused for the longest time")
{
    StatementCache<int> cache;
    for (int n = 0; n < 64; ++n) {
        CHECK_FALSE(cache.put("text " + std::to_string(n), n).has_value());
    }
    CHECK(*cache.find("text 0") == 0);
    CHECK(cache.put("one more", 64) == 1);
    CHECK(cache.size() == 64);
    CHECK(cache.find("text 1") == nullptr);
    CHECK(*cache.find("text 0") == 0);
}

TEST_CASE("putting a text that the full cache knows already takes no other's place")
{
    StatementCache<int> cache;
    for (int n = 0; n < 64; ++n) {
        cache.put("text " + std::to_string(n), n);
    }
    CHECK_FALSE(cache.put("text 5", 500).has_value());
    CHECK(*cache.find("text 5") == 500);
    CHECK(cache.find("text 0") != nullptr);
}
