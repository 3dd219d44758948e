#include "sluice/core/error.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

/// A table t (id, v) whose v has this type.
void make_table(const test::TestDatabase& database, const std::string& type)
{
    database.open().execute("CREATE TABLE t (id bigint PRIMARY KEY, v " + type + ")");
}

/// Writes through a parameter, reads through one, twice over (the second time prepared).
void check_round_trip(Session& session, const Value& value, const std::string& expected_text)
{
    for (int n = 0; n < 3; ++n) {
        Sql insert = session.dialect().sql();
        insert << "INSERT INTO t (id, v) VALUES (";
        insert.bind(1LL) << ", ";
        insert.bind(value) << ")";
        CHECK(session.execute(insert.take()) == 1);
        Sql select = session.dialect().sql();
        select << "SELECT v FROM t WHERE id = ";
        select.bind(1LL);
        const Rows rows = session.query(select.take());
        REQUIRE(rows.size() == 1);
        CHECK(rows.columns == std::vector<std::string>{"v"});
        CHECK(rows[0][0] == (value ? Value(expected_text) : Value()));
        const Rows raw = session.query("SELECT v FROM t");
        CHECK(raw[0][0] == rows[0][0]);
        session.execute("DELETE FROM t");
    }
}

void check_round_trips(const std::string& type, const std::vector<std::string>& values)
{
    const test::TestDatabase database;
    make_table(database, type);
    Session session = database.open();
    for (const std::string& value : values) {
        CAPTURE(type);
        CAPTURE(value);
        check_round_trip(session, value, value);
    }
    check_round_trip(session, std::nullopt, "");
}

} // namespace

TEST_CASE("text comes back as it went, whatever it holds")
{
    check_round_trips(test::by_engine("text", "longtext", "text"),
                      {"", " ", "plain", "O'Brien \"q\" `b` \\ \\' \\\\",
                       "a:b ::int :x $1 ? ?1 %s @v", "$$ $tag$ -- /* */ ;",
                       "line\nbreak\r\ttab\x01\x1f",
                       "\xF0\x9F\x9A\xB0 sluice \xE6\xB0\xB4 \xC3\xA9", "e\xCC\x81", "NULL",
                       "2026-11-21T04:00:00.123Z"});
}

TEST_CASE("a megabyte of text comes back whole")
{
    std::string text;
    while (text.size() < (1U << 20U)) {
        text += "0123456789\xC3\xA9";
    }
    check_round_trips(test::by_engine("text", "longtext", "text"),
                      {text, std::string(513, 'x'), std::string(512, 'y')});
}

TEST_CASE("the empty string is not NULL")
{
    const test::TestDatabase database;
    make_table(database, test::by_engine("text", "text", "text"));
    Session session = database.open();
    session.execute("INSERT INTO t VALUES (1, ''), (2, NULL)");
    const Rows rows = session.query("SELECT v, v IS NULL FROM t ORDER BY id");
    CHECK(rows[0][0] == "");
    CHECK_FALSE(rows[1][0].has_value());
}

TEST_CASE("64-bit extremes come back exact")
{
    check_round_trips("bigint", {"0", "-1", "9223372036854775807", "-9223372036854775808",
                                 "9007199254740993", "-9007199254740993"});
}

TEST_CASE("neighbouring 64-bit numbers are told apart when bound")
{
    const test::TestDatabase database;
    make_table(database, "bigint");
    Session session = database.open();
    session.execute("INSERT INTO t VALUES (9007199254740992, 0), (9007199254740993, 0), "
                    "(9223372036854775807, 0)");
    for (int n = 0; n < 3; ++n) {
        Sql sql = session.dialect().sql();
        sql << "SELECT id FROM t WHERE id > ";
        sql.bind(9007199254740992LL) << " AND id < ";
        sql.bind(9223372036854775807LL);
        const Rows rows = session.query(sql.take());
        REQUIRE(rows.size() == 1);
        CHECK(rows[0][0] == "9007199254740993");
    }
}

TEST_CASE("decimals of thirty digits come back exact")
{
    if (test::engine() == Engine::sqlite) {
        check_round_trips("text", {"123456789012345678901234567890.1234567891"});
        return;
    }
    check_round_trips("decimal(40,10)",
                      {"123456789012345678901234567890.1234567891", "-0.0000000001", "0.0000000000",
                       "999999999999999999999999999999.9999999999"});
}

TEST_CASE("microseconds stay")
{
    const std::string type = test::by_engine("timestamp", "datetime(6)", "text");
    check_round_trips(type, {"2026-11-21 04:00:00.000001", "1999-12-31 23:59:59.999999"});
    check_round_trips(test::by_engine("time", "time(6)", "text"), {"23:59:59.000123"});
    check_round_trips("date", {"2024-02-29", "9999-12-31"});
}

TEST_CASE("floating point comes back with all the digits it needs")
{
    const std::string largest = test::by_engine("1.7976931348623157e+308", "1.7976931348623157e308",
                                                "1.7976931348623157e+308");
    check_round_trips(test::by_engine("double precision", "double", "real"),
                      {"0.1", "-1.5", largest, "0.30000000000000004"});
}

TEST_CASE("infinity and not-a-number come back where the engine has them")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    check_round_trips("double precision", {"Infinity", "-Infinity", "NaN"});
    check_round_trips("numeric", {"Infinity", "NaN"});
    check_round_trips("timestamp", {"infinity", "-infinity", "0044-03-15 00:00:00 BC"});
}

TEST_CASE("types that only one engine has come back as it writes them")
{
    if (test::engine() == Engine::postgresql) {
        check_round_trips("interval", {"1 year 2 mons 3 days 04:05:06.000007"});
        check_round_trips("uuid", {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"});
        check_round_trips("jsonb", {R"({"a": [1, "x:y"]})"});
        check_round_trips("int[]", {"{1,2,NULL}"});
        check_round_trips("pg_lsn", {"16/B374D848"});
        check_round_trips("oid", {"4294967295"});
    } else if (test::engine() == Engine::mysql) {
        check_round_trips("bigint unsigned", {"18446744073709551615", "9223372036854775808"});
        check_round_trips("json", {R"({"a": [1, "x:y"]})"});
        check_round_trips("year", {"2026", "1901"});
        check_round_trips("time(6)", {"-838:59:58.000001"});
        check_round_trips("enum('a','b''c')", {"b'c"});
        check_round_trips("int(8) unsigned zerofill", {"00000042"});
        check_round_trips("float", {"0.1", "1.5"});
    }
}

TEST_CASE("bytes of any value come back, zero bytes too")
{
    const test::TestDatabase database;
    make_table(database, test::by_engine("bytea", "longblob", "blob"));
    Session session = database.open();
    std::string hex;
    for (int n = 0; n < 256; ++n) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        hex += digits[static_cast<std::size_t>(n / 16)];
        hex += digits[static_cast<std::size_t>(n % 16)];
    }
    for (int n = 0; n < 3; ++n) {
        Sql insert = session.dialect().sql();
        insert << "INSERT INTO t (id, v) VALUES (1, " << test::by_engine("decode(", "UNHEX(", "");
        insert.bind(Param{hex, Bind::bytes}) << test::by_engine(", 'hex')", ")", "") << ")";
        session.execute(insert.take());
        const Rows rows = session.query("SELECT " +
                                        test::by_engine("upper(encode(v, 'hex')), octet_length(v)",
                                                        "HEX(v), length(v)", "hex(v), length(v)") +
                                        " FROM t");
        CHECK(rows[0][0] == hex);
        CHECK(rows[0][1] == "256");
        session.execute("DELETE FROM t");
    }
}

TEST_CASE("a zero byte in text survives, or is refused where text cannot hold one")
{
    const test::TestDatabase database;
    make_table(database, test::by_engine("text", "text", "text"));
    Session session = database.open();
    const std::string text("a\0b", 3);
    if (test::engine() == Engine::postgresql) {
        Sql sql = session.dialect().sql();
        sql << "INSERT INTO t VALUES (1, ";
        sql.bind(text) << ")";
        CHECK_THROWS_AS(session.execute(sql.take()), Error);
        CHECK(session.query("SELECT 1").size() == 1);
        return;
    }
    check_round_trip(session, text, text);
}

TEST_CASE("an integer is bound as an integer where values carry their type")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run("CREATE TABLE t (v)");
    Session session = database.open();
    Sql sql = session.dialect().sql();
    sql << "INSERT INTO t VALUES (";
    sql.bind(Param{"9223372036854775807", Bind::integer}) << "), (";
    sql.bind(Param{"12", Bind::text}) << "), (";
    sql.bind(Param{"00FF", Bind::bytes}) << "), (";
    sql.bind(Param{std::nullopt, Bind::bytes}) << ")";
    session.execute(sql.take());
    const Rows rows = session.query("SELECT typeof(v) FROM t ORDER BY rowid");
    CHECK(rows[0][0] == "integer");
    CHECK(rows[1][0] == "text");
    CHECK(rows[2][0] == "blob");
    CHECK(rows[3][0] == "null");
}

TEST_CASE("SQL text reaches the server unchanged")
{
    const test::TestDatabase database;
    Session session = database.open();
    const auto value = [&session](const std::string& sql) { return session.query(sql)[0][0]; };
    CHECK(value("SELECT ':x ::int :a:b ? $1 %s @v'") == ":x ::int :a:b ? $1 %s @v");
    CHECK(value("SELECT 'it''s' -- it's :x\n") == "it's");
    CHECK(value("SELECT /* it's :x ? $1 */ 'y'") == "y");
    if (test::engine() == Engine::postgresql) {
        CHECK(value("SELECT E'it\\'s :x'") == "it's :x");
        CHECK(value("SELECT $r$^(?:a|b)$r$") == "^(?:a|b)");
    } else if (test::engine() == Engine::mysql) {
        CHECK(value("SELECT 'a\\'b:x' AS `a:b`") == "a'b:x");
        CHECK(value("SELECT \"x:y\"") == "x:y");
        CHECK(value("SELECT @n := 5") == "5");
    } else {
        CHECK(value("SELECT \"x:y\" FROM (SELECT 'v' AS \"x:y\")") == "v");
        CHECK(value("SELECT [a:b] FROM (SELECT 'v' AS [a:b])") == "v");
    }
}

TEST_CASE("SQL text with casts, slices and assignments reaches PostgreSQL unchanged")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    const auto value = [&session](const std::string& sql) { return session.query(sql)[0][0]; };
    CHECK(value("SELECT (array[1,2,3])[1:2]::text") == "{1,2}");
    CHECK(value("SELECT '{\"a\":1}'::jsonb ? 'a'") == "t");
    session.execute(
        "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ DECLARE x text; BEGIN "
        "<<lbl>> BEGIN x := ':y'; END; RETURN x || (array['p','q'])[1:1]::text; END $$");
    CHECK(value("SELECT f()") == ":y{p}");
}
