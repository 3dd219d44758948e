#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "support/database.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace sluice;

namespace {

using Random = std::mt19937_64;

/// A column that can be a key, and how to make values for it, as SQL.
struct Kind {
    Column column;
    std::string ddl;
    std::function<std::string(Random&, const Dialect&)> value;
};

std::size_t below(Random& random, std::size_t n)
{
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

Column column(const std::string& sql, TypeFamily family)
{
    return {.type = {.sql = sql, .family = family}, .nullable = false};
}

std::string digits(Random& random, std::size_t most)
{
    std::string text = std::to_string(1 + below(random, 9));
    for (std::size_t n = below(random, most); n > 0; --n) {
        text += std::to_string(below(random, 10));
    }
    return text;
}

std::string hex(Random& random, std::size_t bytes)
{
    std::string text;
    for (std::size_t n = 0; n < bytes; ++n) {
        const std::size_t byte = below(random, 3) == 0 ? 0 : below(random, 256);
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

std::string text_value(Random& random, const Dialect& dialect)
{
    static const std::vector<std::string> parts = {"a", "A",  "á",  "Ä", "ä", "z", "ss", "ß", " ",
                                                   "'", "\"", "\\", "%", "0", "é", "_",  "Z "};
    std::string text;
    for (std::size_t n = below(random, 5); n > 0; --n) {
        text += parts[below(random, parts.size())];
    }
    return dialect.literal(text);
}

std::string wide_text_value(Random& random, const Dialect& dialect)
{
    static const std::vector<std::string> parts = {"😀", "e\u0301", "日本", "\n",
                                                   "Ω", "\t",      "a",    "\x01"};
    std::string text;
    for (std::size_t n = below(random, 6); n > 0; --n) {
        text += parts[below(random, parts.size())];
    }
    return dialect.literal(text);
}

std::string integer_value(Random& random, const Dialect& /*dialect*/)
{
    static const std::vector<std::string> extremes = {
        "-9223372036854775807", "9223372036854775807", "9223372036854775806", "0", "-1", "1",
        "9007199254740993",     "9007199254740992"};
    return below(random, 20) == 0 ? extremes[below(random, extremes.size())]
                                  : (below(random, 2) == 0 ? "-" : "") + digits(random, 18);
}

std::string small_integer_value(Random& random, const Dialect& /*dialect*/)
{
    return std::to_string(static_cast<long long>(below(random, 9)) - 4);
}

std::string unsigned_value(Random& random, const Dialect& /*dialect*/)
{
    return below(random, 10) == 0 ? "18446744073709551615" : digits(random, 19);
}

std::string decimal_value(Random& random, const Dialect& /*dialect*/)
{
    return (below(random, 2) == 0 ? "-" : "") + digits(random, 8) + "." +
           fmt::format("{:05}", below(random, 100000));
}

std::string uuid_value(Random& random, const Dialect& /*dialect*/)
{
    const std::string h = hex(random, 16);
    return fmt::format("'{}-{}-{}-{}-{}'", h.substr(0, 8), h.substr(8, 4), h.substr(12, 4),
                       h.substr(16, 4), h.substr(20));
}

std::string moment_value(Random& random, const Dialect& /*dialect*/)
{
    return fmt::format("'20{:02}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}'", below(random, 3),
                       1 + below(random, 12), 1 + below(random, 28), below(random, 24),
                       below(random, 60), below(random, 60), below(random, 1000000));
}

std::string date_value(Random& random, const Dialect& /*dialect*/)
{
    return fmt::format("'{:04}-{:02}-{:02}'", 1000 + below(random, 9000), 1 + below(random, 12),
                       1 + below(random, 28));
}

std::string bytes_value(Random& random, const Dialect& /*dialect*/)
{
    const std::string h = hex(random, below(random, 5));
    return test::by_engine("'\\x" + h + "'::bytea", "x'" + h + "'", "x'" + h + "'");
}

Column text_column(const std::string& sql, const std::string& charset, const std::string& collation)
{
    Column c = column(sql, TypeFamily::text);
    c.charset = charset;
    c.collation = collation;
    return c;
}

Column sized(Column c, int precision, int scale)
{
    c.type.precision = precision;
    c.type.scale = scale;
    return c;
}

std::vector<Kind> postgresql_kinds()
{
    return {
        {column("bigint", TypeFamily::integer), "bigint", integer_value},
        {column("smallint", TypeFamily::integer), "smallint", small_integer_value},
        {column("text", TypeFamily::text), "text", text_value},
        {column("text", TypeFamily::text), "text", wide_text_value},
        {column("character varying(40)", TypeFamily::text), "varchar(40) COLLATE \"C\"",
         text_value},
        {column("character(12)", TypeFamily::text), "char(12)", text_value},
        {column("text", TypeFamily::text), "text COLLATE sluice_ci", text_value},
        {column("uuid", TypeFamily::uuid), "uuid", uuid_value},
        {column("timestamp without time zone", TypeFamily::timestamp), "timestamp", moment_value},
        {column("timestamp with time zone", TypeFamily::timestamp_tz), "timestamptz", moment_value},
        {column("date", TypeFamily::date), "date", date_value},
        {column("numeric(20,5)", TypeFamily::decimal), "numeric(20,5)", decimal_value},
        {column("numeric", TypeFamily::decimal), "numeric",
         [](Random& random, const Dialect&) {
             return below(random, 20) == 0 ? "'NaN'" : digits(random, 30) + "." + digits(random, 9);
         }},
        {column("bytea", TypeFamily::bytes), "bytea", bytes_value},
        {column("boolean", TypeFamily::boolean), "boolean",
         [](Random& random, const Dialect&) { return below(random, 2) == 0 ? "true" : "false"; }},
    };
}

std::vector<Kind> mysql_kinds()
{
    Column unsigned_bigint = column("bigint(20) unsigned", TypeFamily::integer);
    unsigned_bigint.type.is_unsigned = true;
    return {
        {column("bigint(20)", TypeFamily::integer), "bigint", integer_value},
        {unsigned_bigint, "bigint unsigned", unsigned_value},
        {column("tinyint(4)", TypeFamily::integer), "tinyint", small_integer_value},
        {text_column("varchar(40)", "utf8mb4", "utf8mb4_general_ci"),
         "varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", text_value},
        {text_column("varchar(40)", "utf8mb4", "utf8mb4_unicode_ci"),
         "varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", wide_text_value},
        {text_column("varchar(40)", "latin1", "latin1_german2_ci"),
         "varchar(40) CHARACTER SET latin1 COLLATE latin1_german2_ci", text_value},
        {text_column("char(20)", "", ""), "char(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
         wide_text_value},
        {column("uuid", TypeFamily::uuid), "uuid", uuid_value},
        {sized(column("datetime(6)", TypeFamily::timestamp), 6, 0), "datetime(6)", moment_value},
        {sized(column("timestamp(6)", TypeFamily::timestamp_tz), 6, 0), "timestamp(6)",
         moment_value},
        {column("date", TypeFamily::date), "date", date_value},
        {sized(column("time(3)", TypeFamily::time), 3, 0), "time(3)",
         [](Random& random, const Dialect&) {
             return fmt::format("'{}{:02}:{:02}:{:02}.{:03}'", below(random, 2) == 0 ? "-" : "",
                                below(random, 800), below(random, 60), below(random, 60),
                                below(random, 1000));
         }},
        {sized(column("decimal(20,5)", TypeFamily::decimal), 20, 5), "decimal(20,5)",
         decimal_value},
        {column("varbinary(20)", TypeFamily::bytes), "varbinary(20)", bytes_value},
        {column("binary(5)", TypeFamily::bytes), "binary(5)", bytes_value},
        {column("bit(20)", TypeFamily::bits), "bit(20)",
         [](Random& random, const Dialect&) { return std::to_string(below(random, 1U << 20U)); }},
        {column("year(4)", TypeFamily::other), "year",
         [](Random& random, const Dialect&) { return std::to_string(1950 + below(random, 99)); }},
    };
}

std::vector<Kind> sqlite_kinds()
{
    const auto anything = [](Random& random, const Dialect& dialect) {
        switch (below(random, 4)) {
        case 0:
            return integer_value(random, dialect);
        case 1:
            return wide_text_value(random, dialect);
        case 2:
            return bytes_value(random, dialect);
        default:
            return digits(random, 3) + "." + digits(random, 12);
        }
    };
    return {
        {column("INTEGER", TypeFamily::integer), "INTEGER", integer_value},
        {column("INT", TypeFamily::integer), "INT", anything},
        {column("TEXT", TypeFamily::text), "TEXT", text_value},
        {column("TEXT", TypeFamily::text), "TEXT COLLATE NOCASE", text_value},
        {column("TEXT", TypeFamily::text), "TEXT COLLATE RTRIM", wide_text_value},
        {column("varchar(9)", TypeFamily::text), "varchar(9)", anything},
        {column("uuid", TypeFamily::uuid), "uuid", uuid_value},
        {column("datetime", TypeFamily::timestamp), "datetime", moment_value},
        {column("date", TypeFamily::date), "date", date_value},
        {column("decimal(20,5)", TypeFamily::decimal), "decimal(20,5)", decimal_value},
        {column("numeric", TypeFamily::decimal), "numeric", anything},
        {column("BLOB", TypeFamily::bytes), "BLOB", bytes_value},
        {column("", TypeFamily::other), "", anything},
    };
}

std::vector<Kind> kinds()
{
    switch (test::engine()) {
    case Engine::postgresql:
        return postgresql_kinds();
    case Engine::mysql:
        return mysql_kinds();
    case Engine::sqlite:
        return sqlite_kinds();
    }
    return {};
}

/// The chosen kinds as the key of a table "t", with an "id" that is no part of it.
std::vector<Column> make_table(Session& session, std::vector<Kind> parts, int rows, Random& random)
{
    session.execute("DROP TABLE IF EXISTS t");
    std::string create = "CREATE TABLE t (id integer";
    std::string names;
    std::vector<Column> key;
    for (std::size_t n = 0; n < parts.size(); ++n) {
        const std::string name = "k" + std::to_string(n + 1);
        create += ", " + name + " " + parts[n].ddl + " NOT NULL";
        names += (n == 0 ? "" : ", ") + name;
        parts[n].column.name = name;
        key.push_back(parts[n].column);
    }
    session.execute(create + ", PRIMARY KEY (" + names + "))");
    const std::string insert =
        test::by_engine("INSERT INTO", "INSERT IGNORE INTO", "INSERT OR IGNORE INTO") + " t (id, " +
        names + ") VALUES ";
    const std::string end = test::by_engine(" ON CONFLICT DO NOTHING", "", "");
    std::string values;
    for (int row = 1; row <= rows; ++row) {
        values += (values.empty() ? "(" : ", (") + std::to_string(row);
        for (const Kind& part : parts) {
            values += ", " + part.value(random, session.dialect());
        }
        values += ")";
        if (row % 100 == 0 || row == rows) {
            session.execute(insert + values + end);
            values.clear();
        }
    }
    return key;
}

std::vector<std::string> ids(const Rows& rows)
{
    std::vector<std::string> found;
    for (const Row& row : rows.rows) {
        found.push_back(row.at(0).value_or("NULL"));
    }
    return found;
}

std::vector<std::string> walk(Session& session, const std::vector<Column>& key, Random& random)
{
    const Dialect& dialect = session.dialect();
    const TableName table{"", "t"};
    const KeyValues upper =
        read_key(session.query(last_key_query(dialect, table, key)), key).value();
    std::vector<std::string> found;
    KeyValues after;
    for (bool is_last = false; !is_last;) {
        const auto rows = static_cast<std::int64_t>(1 + below(random, 40));
        const auto bound =
            read_key(session.query(boundary_query(dialect, table, key, after, upper, rows)), key);
        is_last = !bound;
        const KeyValues upto = bound ? decode_key(encode_key(*bound)) : upper;
        Sql sql = dialect.sql();
        sql << "SELECT id FROM t WHERE ";
        append_range(sql, dialect, key, after, upto);
        sql << " ORDER BY " << order_by_key(dialect, table, key);
        const std::vector<std::string> batch = ids(session.query(sql.take()));
        REQUIRE(batch.size() <= static_cast<std::size_t>(rows));
        REQUIRE((is_last || batch.size() == static_cast<std::size_t>(rows)));
        found.insert(found.end(), batch.begin(), batch.end());
        after = upto;
    }
    return found;
}

std::uint64_t seed()
{
    if (const char* given = std::getenv("SLUICE_TEST_SEED")) {
        return std::strtoull(given, nullptr, 10);
    }
    return std::random_device{}();
}

void check_walk(Session& session, const std::vector<Kind>& parts, int rows, Random& random)
{
    std::string types;
    for (const Kind& part : parts) {
        types += part.ddl + "; ";
    }
    CAPTURE(types);
    const std::vector<Column> key = make_table(session, parts, rows, random);
    const std::vector<std::string> expected = ids(session.query(
        "SELECT id FROM t ORDER BY " + order_by_key(session.dialect(), {"", "t"}, key)));
    REQUIRE_FALSE(expected.empty());
    CHECK(walk(session, key, random) == expected);
}

/// An accent- and case-insensitive collation in which different texts are equal.
void make_collation(const test::TestDatabase& database)
{
    if (test::engine() == Engine::postgresql) {
        database.run("CREATE COLLATION sluice_ci (provider = icu, locale = 'und-u-ks-level1', "
                     "deterministic = false)");
    }
}

} // namespace

TEST_CASE("a walk covers every row exactly once, in key order, whatever the type of the key")
{
    const std::uint64_t seed_value = seed();
    CAPTURE(seed_value);
    Random random(seed_value);
    const test::TestDatabase database;
    make_collation(database);
    Session session = database.open();
    for (const Kind& kind : kinds()) {
        check_walk(session, {kind}, 300, random);
    }
}

TEST_CASE("a walk along a composite key of any types covers every row exactly once, in order")
{
    const std::uint64_t seed_value = seed();
    CAPTURE(seed_value);
    Random random(seed_value);
    const test::TestDatabase database;
    make_collation(database);
    Session session = database.open();
    const std::vector<Kind> all = kinds();
    for (int round = 0; round < 25; ++round) {
        // Few values in front, so that the later columns decide.
        std::vector<Kind> parts;
        if (below(random, 2) == 0) {
            parts.push_back(
                {column("integer", TypeFamily::integer), "integer", small_integer_value});
        }
        const std::size_t more = 1 + below(random, 2);
        for (std::size_t n = 0; n < more; ++n) {
            parts.push_back(all[below(random, all.size())]);
        }
        check_walk(session, parts, 250, random);
    }
}

TEST_CASE("a boundary query that walks the primary key passes the check, on any size of table")
{
    const test::TestDatabase database;
    Session session = database.open({.batch = true});
    for (const int rows : {0, 1, 10, 3000}) {
        CAPTURE(rows);
        Random random(7);
        session.execute("DROP TABLE IF EXISTS t");
        session.execute("CREATE TABLE t (a integer NOT NULL, b varchar(20) NOT NULL, c integer, "
                        "PRIMARY KEY (a, b))");
        session.execute("CREATE INDEX t_c ON t (c)");
        for (int n = 0; n < rows; ++n) {
            session.execute(fmt::format("INSERT INTO t VALUES ({}, 'x{}', 1)", n / 10, n));
        }
        Table table{.name = {"", "t"}, .primary_key = {"a", "b"}};
        Column a = column("integer", TypeFamily::integer);
        a.name = "a";
        Column b = column(test::by_engine("character varying(20)", "varchar(20)", "varchar(20)"),
                          TypeFamily::text);
        b.name = "b";
        CHECK_NOTHROW(check_boundary_plan(session, table, {a, b}));
        CHECK_NOTHROW(check_boundary_plan(session, table, {a}));
    }
}

TEST_CASE("a key without an index is refused together with the server's plan")
{
    const test::TestDatabase database;
    Session session = database.open({.batch = true});
    session.execute("CREATE TABLE t (a integer PRIMARY KEY, b integer NOT NULL)");
    for (int n = 0; n < 30; ++n) {
        session.execute(fmt::format("INSERT INTO t VALUES ({0}, {0})", n));
    }
    const Table table{.name = {"", "t"}, .primary_key = {"a"}};
    Column b = column("integer", TypeFamily::integer);
    b.name = "b";
    try {
        check_boundary_plan(session, table, {b});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("\"b\": no index starts with the key's columns") !=
              std::string::npos);
        CHECK(error.message.find("the server's plan is:\n") != std::string::npos);
        CHECK_FALSE(error.details.hint.empty());
    }
}

TEST_CASE("the number of rows is estimated")
{
    const test::TestDatabase database;
    Session session = database.open();
    session.execute("CREATE TABLE t (a integer PRIMARY KEY)");
    const std::string estimate = session.dialect().estimate_rows({"", "t"});
    CHECK(std::stoll(session.query(estimate)[0][0].value()) == 0);
    std::string values = "(0)";
    for (int n = 1; n < 2000; ++n) {
        values += ",(" + std::to_string(n) + ")";
    }
    session.execute("INSERT INTO t VALUES " + values);
    session.execute(test::by_engine("ANALYZE t", "ANALYZE TABLE t", "ANALYZE t"));
    const long long rows = std::stoll(session.query(estimate)[0][0].value());
    CHECK(rows > 1500);
    CHECK(rows < 2500);
}
