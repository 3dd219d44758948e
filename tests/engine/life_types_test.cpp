// A NOT NULL column of each type is renamed: its values, its NOT NULL and its exact type must be
// there at every turn.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

using namespace sluice;
using test::by_engine;
using test::engine;

namespace {

const std::string a_uuid = "'00000000-0000-0000-0000-000000000001'";

struct Kind {
    std::string type;
    std::vector<std::string> values; ///< as SQL
};

std::vector<Kind> common_kinds()
{
    if (engine() == Engine::postgresql) {
        return {{"integer", {"0", "-2147483648"}},
                {"numeric(12,4)", {"0.0001", "-1.9000"}},
                {"text", {"''", "'é'", "' a '"}},
                {"date", {"'2026-02-28'", "'infinity'"}},
                {"timestamptz", {"'2026-11-21 07:00:00.123456+05'", "'-infinity'"}},
                {"boolean", {"true", "false"}},
                {"bytea", {"'\\x'", "'\\x00ff00'"}},
                {"json", {"'{\"a\": 1}'", "'null'"}},
                {"uuid", {a_uuid}}};
    }
    if (engine() == Engine::mysql) {
        return {{"int unsigned", {"0", "4294967295"}},
                {"decimal(12,4)", {"0.0001", "-12345678.9000"}},
                {"varchar(10)", {"''", "'é'", "'a '"}},
                {"date", {"'2026-02-28'", "'9999-12-31'"}},
                {"datetime(3)", {"'2026-11-21 07:00:00.123'"}},
                {"tinyint(1)", {"0", "1"}},
                {"varbinary(10)", {"x''", "x'00'", "x'6100'"}},
                {"json", {"'{\"a\": 1}'", "'null'"}},
                {"uuid", {a_uuid}}};
    }
    return {{"INTEGER", {"9223372036854775807", "0"}},
            {"NUMERIC(12,4)", {"0.0001", "'not a number'", "3"}},
            {"TEXT", {"''", "'é'", "'007'"}},
            {"DATE", {"'2026-02-28'"}},
            {"TIMESTAMP", {"'2026-11-21 07:00:00.123'", "1234567890"}},
            {"BOOLEAN", {"TRUE", "FALSE"}},
            {"BLOB", {"x''", "x'00ff'", "'text'", "5"}},
            {"JSON", {"'{\"a\": 1}'"}},
            {"UUID", {a_uuid}}};
}

std::vector<Kind> other_kinds()
{
    if (engine() == Engine::postgresql) {
        return {{"smallint", {"-32768", "32767"}},
                {"bigint", {"9223372036854775807", "-9223372036854775808"}},
                {"numeric", {"1.0", "1.00", "'NaN'"}},
                {"real", {"0.1", "'-Infinity'"}},
                {"double precision", {"0.1", "'-0'", "'NaN'"}},
                {"character(5)", {"'ab'", "''"}},
                {"varchar(10) COLLATE \"C\"", {"'Ab'", "'ab'"}},
                {"time", {"'23:59:59.999999'", "'24:00'"}},
                {"timestamp(3)", {"'2026-11-21 07:00:00.123'", "'-infinity'"}},
                {"interval", {"'1 mon -3 days 04:05:06'"}},
                {"jsonb", {"'{\"a\": [1, null]}'", "'\"x\"'"}},
                {"xml", {"'<a/>'"}},
                {"point", {"'(1,2)'"}},
                {"integer[]", {"'{}'", "'{1,NULL,3}'"}},
                {"inet", {"'10.0.0.1/8'"}},
                {"int4range", {"'[1,5)'", "'empty'"}},
                {"tsvector", {"'a b'"}},
                {"bit(3)", {"B'101'"}}};
    }
    if (engine() == Engine::mysql) {
        return {{"bigint unsigned", {"18446744073709551615"}},
                {"float", {"0.1", "3.4e38"}},
                {"double", {"0.1", "-0e0"}},
                {"char(5)", {"'ab'", "''"}},
                {"varchar(10) CHARACTER SET latin1 COLLATE latin1_german1_ci", {"'é'", "'A'"}},
                {"text", {"''", "'long'"}},
                {"mediumtext", {"'😀'"}},
                {"time(6)", {"'-838:59:59'", "'00:00:00.000001'"}},
                {"binary(3)", {"x'000000'", "x'ff00ff'"}},
                {"blob", {"x'00ff'"}},
                {"enum('a','b')", {"'b'"}},
                {"bit(9)", {"b'101010101'"}}};
    }
    return {{"REAL", {"0.1", "1e308"}},
            {"varchar(10) COLLATE NOCASE", {"'Ab'", "'ab'"}},
            {"", {"x'00'", "'1'", "1", "1.5"}}};
}

/// One table with a NOT NULL column of each kind: c0, c1, …
std::string setup(const std::vector<Kind>& all)
{
    std::string create =
        "CREATE TABLE t (id " + by_engine("bigint", "bigint", "INTEGER") + " PRIMARY KEY";
    std::string rows;
    for (std::size_t n = 0; n < all.size(); ++n) {
        create += ", c" + std::to_string(n) + " " + all[n].type + " NOT NULL";
    }
    for (std::size_t row = 0; row < 4; ++row) {
        rows += (row == 0 ? "(" : ", (") + std::to_string(row);
        for (const Kind& kind : all) {
            rows += ", " + kind.values[row % kind.values.size()];
        }
        rows += ")";
    }
    return create + "); INSERT INTO t VALUES " + rows;
}

/// All columns, as bytes and storage class where the engine has them.
std::string reading(const std::string& prefix, std::size_t count)
{
    std::string columns;
    for (std::size_t n = 0; n < count; ++n) {
        const std::string column = prefix + std::to_string(n);
        columns += ", " + by_engine(column + "::text", "HEX(" + column + ")",
                                    "typeof(" + column + "), quote(" + column + ")");
    }
    return "SELECT id" + columns + " FROM t ORDER BY id";
}

void rename_each(const std::vector<Kind>& kinds)
{
    std::string migration;
    for (std::size_t n = 0; n < kinds.size(); ++n) {
        migration += "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"c" +
                     std::to_string(n) + "\"\nto = \"d" + std::to_string(n) + "\"\n";
    }
    test::Life life(setup(kinds), migration);
    const std::vector<Table> tables = life.tables();
    const std::string rows = life.rows(reading("c", kinds.size()));
    life.expand();
    life.migrate();
    life.contract();
    CHECK(life.rows(reading("d", kinds.size())) == rows);
    life.rollback();
    life.rollback();
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(reading("c", kinds.size())) == rows);
}

} // namespace

TEST_CASE("a NOT NULL column of numbers, texts or times is renamed with every value it can hold")
{
    std::vector<Kind> kinds = common_kinds();
    kinds.resize(5);
    rename_each(kinds);
}

TEST_CASE("a NOT NULL column of truth values, bytes, JSON or UUIDs is renamed with every value")
{
    std::vector<Kind> kinds = common_kinds();
    kinds.erase(kinds.begin(), kinds.begin() + 5);
    rename_each(kinds);
}

TEST_CASE("a NOT NULL column of any other type is renamed with every value it can hold")
{
    std::vector<Kind> kinds = other_kinds();
    if (std::getenv("SLUICE_TEST_LONG") == nullptr) {
        const unsigned seed = std::random_device{}();
        CAPTURE(seed);
        std::shuffle(kinds.begin(), kinds.end(), std::mt19937(seed));
        kinds.resize(std::min<std::size_t>(kinds.size(), 4));
    }
    rename_each(kinds);
}

TEST_CASE("MariaDB: a NOT NULL TIMESTAMP is refused, because writers would have to wait")
{
    if (engine() != Engine::mysql) {
        return;
    }
    test::Life life("CREATE TABLE t (id bigint PRIMARY KEY, a timestamp NOT NULL)",
                    "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"a\"\n"
                    "to = \"b\"\n");
    const Error error = test::error_of([&] { (void)life.runner().apply(); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("TIMESTAMP") != std::string::npos);
    CHECK(life.state() == State::pending);
}
