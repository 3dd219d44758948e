// What cast() and cast_domain() promise, held against the server's own assignment: inside the
// domain the cast gives what storing the value in a column of the type gives; outside it, storing
// raises or loses something.

#include "sluice/core/error.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace sluice;

namespace {

struct Case {
    std::string from;
    std::string to;
    std::vector<std::string> values; ///< SQL that a column of type `from` accepts
};

std::vector<std::string> texts(const Session& session, const std::vector<std::string>& values)
{
    std::vector<std::string> literals;
    for (const std::string& value : values) {
        literals.push_back(session.dialect().literal(value));
    }
    return literals;
}

std::string answer(Session& session, const std::string& query)
{
    return session.query(query)[0][0].value_or("NULL");
}

bool is_true(Session& session, const std::string& condition)
{
    return answer(session, "SELECT CASE WHEN " + condition + " THEN 1 ELSE 0 END FROM s, t") == "1";
}

/// Stores s.v in t.w as an application would.
bool stores(Session& session, const Case& one)
{
    // PostgreSQL assigns a text, and any truth value, only as a literal.
    const bool by_input =
        test::engine() == Engine::postgresql &&
        (session.dialect().parse_type(one.from).family == TypeFamily::text || one.to == "boolean");
    const std::string source =
        by_input ? "VALUES (" + session.dialect().literal(answer(session, "SELECT v FROM s")) + ")"
                 : "SELECT v FROM s";
    try {
        session.execute("INSERT INTO t (w) " + source);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// After a value was stored though the domain leaves it out: is it another one now?
bool has_lost(Session& session, const Case& one)
{
    const Dialect& dialect = session.dialect();
    const Type from = dialect.parse_type(one.from);
    const Type to = dialect.parse_type(one.to);
    if (test::engine() == Engine::sqlite) {
        return is_true(session, "w IS NOT " + dialect.cast("v", to) + " OR typeof(w) <> typeof(" +
                                    dialect.cast("v", to) + ")");
    }
    return is_true(session, dialect.differs(dialect.cast("w", from), "v", from));
}

/// A number in a notation that is left out on all engines, or a truth value beyond 0 and 1.
bool is_left_out_on_purpose(const Session& session, const Case& one, const std::string& value)
{
    const TypeFamily from = session.dialect().parse_type(one.from).family;
    const TypeFamily to = session.dialect().parse_type(one.to).family;
    if (to == TypeFamily::boolean) {
        return test::engine() != Engine::postgresql;
    }
    const bool is_notation =
        value.find_first_of(to == TypeFamily::integer ? " .eENn\t\n" : " eENn\t\n") !=
        std::string::npos;
    const bool is_number =
        to == TypeFamily::integer || to == TypeFamily::decimal || to == TypeFamily::floating;
    return (from == TypeFamily::text || test::engine() == Engine::sqlite) && is_number &&
           is_notation;
}

void check_null(Session& session, const Case& one)
{
    REQUIRE(stores(session, one));
    const Type to = session.dialect().parse_type(one.to);
    CHECK(is_true(session, "w IS NULL AND " + session.dialect().cast("v", to) + " IS NULL"));
}

void check_value(Session& session, const Case& one, const std::string& value)
{
    CAPTURE(one.from);
    CAPTURE(one.to);
    CAPTURE(value);
    const Dialect& dialect = session.dialect();
    const Type from = dialect.parse_type(one.from);
    const Type to = dialect.parse_type(one.to);
    const std::optional<std::string> domain = dialect.cast_domain("v", from, to);
    REQUIRE(domain.has_value());
    CAPTURE(*domain);
    session.execute("DELETE FROM s");
    session.execute("DELETE FROM t");
    session.execute("INSERT INTO s (v) VALUES (" + value + ")");
    if (value == "NULL") {
        check_null(session, one);
        return;
    }
    const bool is_inside =
        domain->empty() ||
        answer(session, "SELECT CASE WHEN " + *domain + " THEN 1 ELSE 0 END FROM s") == "1";
    CAPTURE(is_inside);
    const bool is_stored = stores(session, one);
    if (is_inside) {
        REQUIRE(is_stored);
        CHECK_NOTHROW((void)session.query("SELECT " + dialect.cast("v", to) + " FROM s"));
        CHECK_FALSE(is_true(session, dialect.differs("w", dialect.cast("v", to), to)));
    } else {
        CHECK(
            (!is_stored || has_lost(session, one) || is_left_out_on_purpose(session, one, value)));
    }
}

void check_cases(const std::vector<Case>& cases)
{
    const test::TestDatabase database;
    Session session = database.open();
    for (const Case& one : cases) {
        session.execute("CREATE TABLE s (v " + one.from + ")");
        session.execute("CREATE TABLE t (w " + one.to + ")");
        for (const std::string& value : one.values) {
            check_value(session, one, value);
        }
        session.execute("DROP TABLE s");
        session.execute("DROP TABLE t");
    }
}

const std::vector<std::string> nasty_texts{"",
                                           "7",
                                           "007",
                                           "-0",
                                           "+5",
                                           "-",
                                           "+",
                                           " 7",
                                           "7 ",
                                           "7\n",
                                           "\t7",
                                           "abc",
                                           "12abc",
                                           "1.5",
                                           "1.",
                                           ".5",
                                           ".",
                                           "1e3",
                                           "1e400",
                                           "1e-400",
                                           "0x1F",
                                           "NaN",
                                           "inf",
                                           "1_000",
                                           "1,5",
                                           "٣",
                                           "NULL",
                                           "--1",
                                           "127",
                                           "128",
                                           "-128",
                                           "-129",
                                           "32767",
                                           "32768",
                                           "-32768",
                                           "true",
                                           "t",
                                           "yes",
                                           "on",
                                           "o",
                                           "TRUE",
                                           "0",
                                           "1",
                                           "2",
                                           "999.99",
                                           "999.994",
                                           "999.995",
                                           "1000",
                                           "-999.995",
                                           "é",
                                           "1.2.3",
                                           "00.10",
                                           "2147483647",
                                           "2147483648",
                                           "-2147483649",
                                           "9223372036854775807",
                                           "9223372036854775808",
                                           "-9223372036854775808",
                                           "-9223372036854775809",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "99999999999999999999999999999999999999999999",
                                           "0.00000000000000000000000000000000000000000001"};

} // namespace

TEST_CASE("a text becomes a number or a truth value exactly where its domain says so")
{
    const test::TestDatabase database;
    const Session session = database.open();
    const std::vector<std::string> values = texts(session, nasty_texts);
    std::vector<std::string> targets{"smallint",     "integer", "bigint",
                                     "numeric(5,2)", "boolean", "double precision"};
    if (test::engine() == Engine::postgresql) {
        targets.insert(targets.end(), {"numeric", "real", "numeric(3,3)"});
    } else if (test::engine() == Engine::mysql) {
        targets.insert(targets.end(), {"bigint unsigned", "tinyint unsigned", "mediumint", "float",
                                       "decimal(3,3)", "decimal(65,30)"});
    }
    std::vector<Case> cases;
    for (const std::string& target : targets) {
        cases.push_back({test::by_engine("text", "longtext", "text"), target, values});
    }
    check_cases(cases);
}

TEST_CASE("a text fits a shorter one exactly where its domain says so")
{
    const test::TestDatabase database;
    const Session session = database.open();
    const std::vector<std::string> values =
        texts(session,
              {"", "abc", "abcde", "abcdef", "äöüß€", "äöüß€x", "abcde ", "ab   ", "日本語日本"});
    check_cases({{test::by_engine("text", "longtext", "text"), "varchar(5)", values},
                 {"varchar(20)", "varchar(5)", values},
                 {"varchar(20)", "char(5)", values},
                 {"varchar(20)", test::by_engine("text", "tinytext", "text"), values}});
}

TEST_CASE("an integer becomes another number exactly where its domain says so")
{
    const std::vector<std::string> values{"0",
                                          "1",
                                          "-1",
                                          "2",
                                          "127",
                                          "128",
                                          "-128",
                                          "-129",
                                          "255",
                                          "256",
                                          "32767",
                                          "32768",
                                          "-32769",
                                          "8388607",
                                          "8388608",
                                          "999",
                                          "1000",
                                          "2147483647",
                                          "2147483648",
                                          "-2147483649",
                                          "9223372036854775807",
                                          "-9223372036854775807",
                                          "NULL"};
    std::vector<Case> cases;
    for (const char* target : {"smallint", "integer", "bigint", "numeric(5,2)", "numeric(3,0)",
                               "double precision", "varchar(5)", "varchar(20)"}) {
        cases.push_back({"bigint", target, values});
    }
    cases.push_back({"smallint", "integer", {"-32768", "32767", "0"}});
    cases.push_back({"integer", "boolean", {"0", "1", "2", "-1"}});
    if (test::engine() != Engine::postgresql) {
        cases.push_back({"boolean", "bigint", {"0", "1", "NULL"}});
    }
    if (test::engine() == Engine::mysql) {
        for (const char* target : {"tinyint", "tinyint unsigned", "mediumint unsigned",
                                   "bigint unsigned", "decimal(5,2) unsigned", "float"}) {
            cases.push_back({"bigint", target, values});
        }
        cases.push_back({"bigint unsigned",
                         "bigint",
                         {"18446744073709551615", "9223372036854775807", "9223372036854775808"}});
    }
    check_cases(cases);
}

TEST_CASE("PostgreSQL casts a truth value to integer and to no other width")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    const Dialect& dialect = session.dialect();
    const Type boolean = dialect.parse_type("boolean");
    const Type integer = dialect.parse_type("integer");
    CHECK(dialect.cast_domain("true", boolean, integer) == "");
    CHECK(answer(session, "SELECT " + dialect.cast("true", integer)) == "1");
    CHECK_FALSE(dialect.cast_domain("true", boolean, dialect.parse_type("bigint")).has_value());
    CHECK_FALSE(dialect.cast_domain("1", dialect.parse_type("bigint"), boolean).has_value());
}

TEST_CASE("a decimal becomes another number exactly where its domain says so")
{
    std::vector<std::string> values{"0",        "1.5",      "2.5",      "-2.5",    "99.99",
                                    "99.994",   "99.995",   "-99.995",  "100",     "127.4",
                                    "127.5",    "-128.5",   "32767.49", "32767.5", "-32768.4",
                                    "-32768.5", "999.9949", "999.995",  "NULL"};
    std::vector<Case> cases;
    for (const char* target : {"numeric(4,2)", "numeric(5,2)", "numeric(12,1)", "smallint",
                               "bigint", "double precision", "varchar(6)"}) {
        cases.push_back({"numeric(12,4)", target, values});
    }
    if (test::engine() == Engine::postgresql) {
        values.insert(values.end(), {"'NaN'", "'Infinity'", "'-Infinity'", "1e400", "1e-400",
                                     "9223372036854775807.4", "9223372036854775807.5"});
        for (const char* target : {"numeric(4,2)", "bigint", "double precision", "real"}) {
            cases.push_back({"numeric", target, values});
        }
    } else if (test::engine() == Engine::mysql) {
        cases.push_back(
            {"decimal(30,4)",
             "bigint",
             {"9223372036854775807.4", "9223372036854775807.5", "-9223372036854775808.5"}});
        cases.push_back({"decimal(14,4)",
                         "int unsigned",
                         {"-0.4", "-0.5", "0.5", "4294967295.4", "4294967295.5"}});
    }
    check_cases(cases);
}

TEST_CASE("a floating number becomes another number exactly where its domain says so")
{
    std::vector<std::string> values{"0",
                                    "0.5",
                                    "1.5",
                                    "2.5",
                                    "-2.5",
                                    "32767.5",
                                    "32766.5",
                                    "-32768.5",
                                    "1e3",
                                    "2147483647.5",
                                    "9.3e18",

                                    "9223372036854774784e0",
                                    "-9223372036854775808e0",
                                    "1e300",
                                    "1e-300",
                                    "99.994",
                                    "99.996",
                                    "NULL"};
    if (test::engine() == Engine::postgresql) {
        values.insert(values.end(), {"'NaN'", "'Infinity'", "'-Infinity'", "'-0'"});
    }
    std::vector<Case> cases;
    for (const std::string& target :
         {std::string("smallint"), std::string("integer"), std::string("bigint"),
          std::string("numeric(4,2)"), test::by_engine("real", "float", "real")}) {
        cases.push_back({"double precision", target, values});
    }
    check_cases(cases);
}

TEST_CASE("a date becomes a timestamp, and a timestamp a date, exactly where the domain says so")
{
    if (test::engine() == Engine::sqlite) {
        check_cases({{"date", "datetime", {"'2026-11-21'", "NULL"}}});
        return;
    }
    std::vector<std::string> dates{"'2026-11-21'", "'1000-01-01'", "'9999-12-31'", "NULL"};
    if (test::engine() == Engine::postgresql) {
        dates.insert(dates.end(), {"'infinity'", "'-infinity'", "'294276-12-31'", "'294277-01-01'",
                                   "'4713-11-24 BC'"});
    }
    check_cases({{"date", test::by_engine("timestamp", "datetime(6)", ""), dates},
                 {test::by_engine("timestamp", "datetime(6)", ""),
                  "date",
                  {"'2026-11-21 00:00:00'", "'2026-11-21 23:59:59.999999'", "NULL"}}});
}

TEST_CASE("a text becomes a value of a special type exactly where its domain says so")
{
    const test::TestDatabase database;
    const Session session = database.open();
    const std::vector<std::string> uuids = texts(
        session, {"6ccd780c-baba-1026-9564-5b8c656024db", "6CCD780CBABA102695645B8C656024DB",
                  "{6ccd780c-baba-1026-9564-5b8c656024db}", "6ccd780c", "",
                  "6ccd-780c-baba-1026-9564-5b8c-6560-24db", "6ccd780c-baba-1026-9564-5b8c656024dg",
                  " 6ccd780c-baba-1026-9564-5b8c656024db"});
    if (test::engine() != Engine::sqlite) {
        check_cases({{"varchar(60)", "uuid", uuids}});
    }
    if (test::engine() == Engine::mysql) {
        check_cases(
            {{"varchar(20)", "enum('a','B','it''s')",
              texts(session, {"a", "A", "b", "B", "it's", "c", "", " a"})},
             {"varchar(60)", "json",
              texts(session, {"{}", "{\"a\": 1}", "", "x", "1", "null", "{\"a\":1", "[1,2]"})}});
    }
}

TEST_CASE("a value of the wrong storage class is outside the domain on SQLite")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const std::vector<std::string> values{"'abc'", "x'41'", "1.5", "7",   "'7'",
                                          "7.0",   "1e20",  "''",  "NULL"};
    std::vector<Case> cases;
    for (const char* from : {"INT", "TEXT", "REAL", "NUMERIC", "BLOB"}) {
        for (const char* to : {"BIGINT", "VARCHAR(9)", "DOUBLE", "DECIMAL(9,2)", "BOOLEAN"}) {
            cases.push_back({from, to, values});
        }
    }
    check_cases(cases);
}
