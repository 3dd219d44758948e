#include "support/database.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace sluice;

namespace {

/// Two values of a type, and whether they differ.
void check_differs(Session& session, const std::string& type, const std::string& a,
                   const std::string& b, const std::string& expected)
{
    CAPTURE(type);
    CAPTURE(a);
    CAPTURE(b);
    const Dialect& dialect = session.dialect();
    session.execute("CREATE TABLE pair (a " + type + ", b " + type + ")");
    session.execute("INSERT INTO pair (a, b) VALUES (" + a + ", " + b + ")");
    const std::size_t collate = type.find(" COLLATE");
    const Type parsed = dialect.parse_type(type.substr(0, collate));
    for (const auto& order : {std::pair("a", "b"), std::pair("b", "a")}) {
        const std::string differs = dialect.differs(order.first, order.second, parsed);
        CHECK(session.query("SELECT CASE WHEN " + differs + " THEN 'yes' WHEN NOT (" + differs +
                            ") THEN 'no' ELSE 'unknown' END FROM pair")[0][0] == expected);
    }
    session.execute("DROP TABLE pair");
}

struct Pair {
    std::string a;
    std::string b;
    std::string expected;
};

void check_pairs(const std::string& type, const std::vector<Pair>& pairs)
{
    const test::TestDatabase database;
    Session session = database.open();
    for (const Pair& pair : pairs) {
        check_differs(session, type, pair.a, pair.b, pair.expected);
    }
}

} // namespace

TEST_CASE("texts differ by their bytes and not by their collation")
{
    const std::string type =
        test::by_engine("text", "varchar(50) COLLATE utf8mb4_general_ci", "TEXT COLLATE NOCASE");
    check_pairs(type, {{"'bob'", "'BOB'", "yes"},
                       {"'bob'", "'bob'", "no"},
                       {"'e'", "'é'", "yes"},
                       {"'bob'", "'bob '", "yes"},
                       {"''", "' '", "yes"},
                       {"'\xC3\xA9'", "'e\xCC\x81'", "yes"},
                       {"''", "NULL", "yes"},
                       {"NULL", "NULL", "no"}});
}

TEST_CASE("NULL differs from every value and from no NULL")
{
    for (const std::string& type : {std::string("integer"), std::string("numeric(5,2)"),
                                    std::string("double precision"), std::string("date")}) {
        const std::string value = type == "date" ? "'2026-11-21'" : "0";
        check_pairs(type, {{value, "NULL", "yes"}, {"NULL", "NULL", "no"}, {value, value, "no"}});
    }
}

TEST_CASE("a type without an equality of its own can be compared")
{
    if (test::engine() == Engine::postgresql) {
        check_pairs("json", {{"'{\"a\":1}'", "'{\"a\": 1}'", "yes"},
                             {"'{\"a\":1}'", "'{\"a\":1}'", "no"},
                             {"'{}'", "NULL", "yes"},
                             {"NULL", "NULL", "no"}});
        check_pairs("point", {{"'(1,2)'", "'(1,2)'", "no"}, {"'(1,2)'", "'(1,3)'", "yes"}});
        check_pairs("xml", {{"'<a/>'", "'<a/>'", "no"}, {"'<a/>'", "'<b/>'", "yes"}});
        return;
    }
    check_pairs("json", {{"'{\"a\":1}'", "'{\"a\":1}'", "no"},
                         {"'{\"a\":1}'", "'{\"A\":1}'", "yes"},
                         {"'{}'", "NULL", "yes"}});
}

TEST_CASE("numbers that only print differently differ where the engine keeps the difference")
{
    const std::string numeric = test::by_engine("numeric", "decimal(5,2)", "NUMERIC");
    check_pairs(numeric, {{"1.0", "1.00", test::by_engine("yes", "no", "no")},
                          {"1.5", "1.5", "no"},
                          {"1.5", "1.6", "yes"}});
    if (test::engine() == Engine::postgresql) {
        check_pairs("double precision", {{"'NaN'", "'NaN'", "no"},
                                         {"'NaN'", "0", "yes"},
                                         {"'-0'", "'0'", "yes"},
                                         {"0.1", "0.1", "no"}});
    }
}

TEST_CASE("bytes differ by every byte")
{
    const std::string type = test::by_engine("bytea", "blob", "BLOB");
    const std::string zero = test::by_engine("'\\x00'", "x'00'", "x'00'");
    const std::string two = test::by_engine("'\\x0000'", "x'0000'", "x'0000'");
    const std::string lower = test::by_engine("'\\x61'", "x'61'", "x'61'");
    const std::string upper = test::by_engine("'\\x41'", "x'41'", "x'41'");
    check_pairs(type, {{zero, two, "yes"},
                       {zero, zero, "no"},
                       {lower, upper, "yes"},
                       {zero, "NULL", "yes"},
                       {"NULL", "NULL", "no"}});
}

TEST_CASE("texts of two character sets are the same where their letters are")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE pair (a varchar(9) CHARACTER SET latin1, "
                    "b varchar(9) CHARACTER SET utf8mb4)");
    session.execute("INSERT INTO pair VALUES ('é', 'é')");
    const Dialect& dialect = session.dialect();
    const std::string differs = dialect.differs("a", "b", dialect.parse_type("varchar(9)"));
    CHECK(session.query("SELECT " + differs + " FROM pair")[0][0] == "0");
}

TEST_CASE("the server's time is text of one form that sorts, moved by the offset")
{
    const test::TestDatabase database;
    Session session = database.open();
    const Dialect& dialect = session.dialect();
    const Rows rows = session.query("SELECT " + dialect.now(std::chrono::milliseconds{-1500}) +
                                    ", " + dialect.now(std::chrono::milliseconds{0}) + ", " +
                                    dialect.now(std::chrono::milliseconds{3'600'000}));
    const Row& row = rows[0];
    CHECK(row[0]->size() == 24);
    CHECK(row[0]->substr(10, 1) == "T");
    CHECK(row[0]->substr(23) == "Z");
    CHECK(*row[0] < *row[1]);
    CHECK(*row[1] < *row[2]);
}
