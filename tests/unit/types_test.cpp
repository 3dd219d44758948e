#include "sluice/core/error.h"
#include "sluice/db/dialect.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace sluice;

namespace {

std::unique_ptr<Dialect> dialect_of(Engine engine)
{
    return make_dialect(Server{.engine = engine, .is_mariadb = true, .version = 101119});
}

Type parsed(Engine engine, std::string_view sql)
{
    return dialect_of(engine)->parse_type(sql);
}

using Spellings = std::vector<std::pair<std::string, std::string>>;

void check_spellings(Engine engine, const Spellings& spellings)
{
    const auto dialect = dialect_of(engine);
    for (const auto& spelling : spellings) {
        CHECK_MESSAGE(dialect->parse_type(spelling.first).sql == spelling.second, spelling.first);
        CHECK_MESSAGE(dialect->parse_type(spelling.second) == dialect->parse_type(spelling.first),
                      "the catalog's own text parses to the same type: " << spelling.first);
    }
}

} // namespace

TEST_CASE("PostgreSQL types get the name that the catalog prints")
{
    check_spellings(Engine::postgresql,
                    {{"INT", "integer"},
                     {"int4", "integer"},
                     {"int8", "bigint"},
                     {"varchar(50)", "character varying(50)"},
                     {"varchar", "character varying"},
                     {"char", "character(1)"},
                     {"char(3)", "character(3)"},
                     {"decimal( 12 , 2 )", "numeric(12,2)"},
                     {"numeric(5)", "numeric(5,0)"},
                     {"numeric", "numeric"},
                     {"numeric(3,-2)", "numeric(3,-2)"},
                     {"float", "double precision"},
                     {"float(24)", "real"},
                     {"timestamp", "timestamp without time zone"},
                     {"timestamp(3)", "timestamp(3) without time zone"},
                     {"timestamptz(6)", "timestamp(6) with time zone"},
                     {"timestamp (3) with time zone", "timestamp(3) with time zone"},
                     {"timetz", "time with time zone"},
                     {"interval(3)", "interval(3)"},
                     {"varbit(7)", "bit varying(7)"},
                     {"int[]", "integer[]"},
                     {"varchar(5)[3]", "character varying(5)[]"},
                     {"public.mood", "public.mood"},
                     {"\"Mood\"", "\"Mood\""},
                     {"jsonb", "jsonb"}});
}

TEST_CASE("MySQL types lose the display width but keep what has a meaning")
{
    check_spellings(Engine::mysql, {{"INT(11)", "int"},
                                    {"integer unsigned", "int unsigned"},
                                    {"bigint(20) unsigned", "bigint unsigned"},
                                    {"int(5) zerofill", "int(5) unsigned zerofill"},
                                    {"tinyint(1)", "tinyint(1)"},
                                    {"bool", "tinyint(1)"},
                                    {"tinyint(4)", "tinyint"},
                                    {"numeric", "decimal(10,0)"},
                                    {"decimal(12,2) unsigned", "decimal(12,2) unsigned"},
                                    {"double precision", "double"},
                                    {"real", "double"},
                                    {"float(30)", "double"},
                                    {"float(7,4)", "float(7,4)"},
                                    {"character varying(9)", "varchar(9)"},
                                    {"char", "char(1)"},
                                    {"datetime(0)", "datetime"},
                                    {"DATETIME(6)", "datetime(6)"},
                                    {"timestamp", "timestamp"},
                                    {"enum('a','it''s')", "enum('a','it''s')"},
                                    {"set('a','b')", "set('a','b')"},
                                    {"bit", "bit(1)"},
                                    {"varbinary(16)", "varbinary(16)"},
                                    {"json", "json"}});
}

TEST_CASE("SQLite types keep the text and get their family from name and affinity")
{
    CHECK(parsed(Engine::sqlite, "VARCHAR(50)").family == TypeFamily::text);
    CHECK(parsed(Engine::sqlite, "VARCHAR(50)").length == 50);
    CHECK(parsed(Engine::sqlite, "UNSIGNED BIG INT").family == TypeFamily::integer);
    CHECK(parsed(Engine::sqlite, "BOOLEAN").family == TypeFamily::boolean);
    CHECK(parsed(Engine::sqlite, "DATETIME").family == TypeFamily::timestamp);
    CHECK(parsed(Engine::sqlite, "UUID").family == TypeFamily::uuid);
    CHECK(parsed(Engine::sqlite, "DECIMAL(10,2)").scale == 2);
    CHECK(parsed(Engine::sqlite, "DECIMAL(10,+2)").family == TypeFamily::decimal);
    CHECK(parsed(Engine::sqlite, "double precision").family == TypeFamily::floating);
    CHECK(parsed(Engine::sqlite, "BLOB").family == TypeFamily::bytes);
    CHECK(parsed(Engine::sqlite, "whatever it is").family == TypeFamily::other);
    CHECK(parsed(Engine::sqlite, " Text ").sql == "TEXT");
    CHECK(parsed(Engine::sqlite, "text(5)").sql == "text(5)");
}

TEST_CASE("the family, bits and precision of a type are found")
{
    CHECK(parsed(Engine::postgresql, "int2").bits == 16);
    CHECK(parsed(Engine::postgresql, "timestamptz(3)").family == TypeFamily::timestamp_tz);
    CHECK(parsed(Engine::postgresql, "timestamptz(3)").precision == 3);
    CHECK(parsed(Engine::postgresql, "int[]").family == TypeFamily::other);
    CHECK(parsed(Engine::mysql, "tinyint(1)").family == TypeFamily::boolean);
    CHECK(parsed(Engine::mysql, "tinyint(1) unsigned").family == TypeFamily::integer);
    CHECK(parsed(Engine::mysql, "mediumint unsigned").is_unsigned);
    CHECK(parsed(Engine::mysql, "timestamp(2)").family == TypeFamily::timestamp_tz);
    CHECK(parsed(Engine::mysql, "enum('a')").family == TypeFamily::enumeration);
}

TEST_CASE("what cannot be a type is refused on every engine that can tell")
{
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        CHECK_THROWS_AS((void)parsed(engine, ""), Error);
        CHECK_THROWS_AS((void)parsed(engine, "  "), Error);
    }
    for (const Engine engine : {Engine::postgresql, Engine::mysql}) {
        CHECK_THROWS_AS((void)parsed(engine, "varchar(x)"), Error);
        CHECK_THROWS_AS((void)parsed(engine, "varchar(50"), Error);
        CHECK_THROWS_AS((void)parsed(engine, "integer not null"), Error);
        CHECK_THROWS_AS((void)parsed(engine, "integer; drop table users"), Error);
        CHECK_THROWS_AS((void)parsed(engine, "serial"), Error);
        CHECK_THROWS_AS((void)parsed(engine, "42"), Error);
    }
    CHECK_THROWS_AS((void)parsed(Engine::mysql, "varchar"), Error);
}

TEST_CASE("a widening needs no test and a narrowing does")
{
    const auto postgresql = dialect_of(Engine::postgresql);
    const auto domain = [&postgresql](std::string_view from, std::string_view to) {
        return postgresql->cast_domain("v", postgresql->parse_type(from),
                                       postgresql->parse_type(to));
    };
    CHECK(domain("int", "bigint") == "");
    CHECK(domain("bigint", "int") == "v BETWEEN -2147483648 AND 2147483647");
    CHECK(domain("varchar(50)", "text") == "");
    CHECK(domain("text", "varchar(50)") == "char_length(CAST(v AS text)) <= 50");
    CHECK(domain("int", "varchar(11)") == "");
    CHECK(domain("numeric(5,2)", "numeric(7,2)") == "");
    CHECK(domain("numeric(5,2)", "numeric(4,1)") != "");
    CHECK(domain("numeric(5,2)", "numeric(5,1)") == "");
    CHECK(domain("int", "numeric(10,0)") == "");
    CHECK_FALSE(domain("text", "timestamptz").has_value());
    CHECK_FALSE(domain("timestamp", "timestamptz").has_value());
    CHECK_FALSE(domain("text", "jsonb").has_value());
}

TEST_CASE("an unsigned type holds no signed one of its own width on MySQL")
{
    const auto mysql = dialect_of(Engine::mysql);
    const auto domain = [&mysql](std::string_view from, std::string_view to) {
        return mysql->cast_domain("v", mysql->parse_type(from), mysql->parse_type(to));
    };
    CHECK(domain("int unsigned", "bigint") == "");
    CHECK(domain("int", "bigint unsigned") == "v BETWEEN 0 AND 18446744073709551615");
    CHECK(domain("bigint unsigned", "bigint") ==
          "v BETWEEN -9223372036854775808 AND 9223372036854775807");
    CHECK(domain("tinyint(1)", "smallint") == "");
    CHECK(domain("smallint", "tinyint(1)") == "v IN (0, 1)");
    CHECK(domain("varchar(16383)", "text") == "");
    CHECK(domain("varchar(16384)", "text") == "LENGTH(CONVERT(v USING utf8mb4)) <= 65535");
}

TEST_CASE("literals are constants and other function calls are not")
{
    const auto constant = [](Engine engine, std::string_view sql) {
        return dialect_of(engine)->is_constant(sql);
    };
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        for (const char* sql :
             {"0", "-1.5", "'x'", "''", "NULL", "TRUE", "(-7)", "1e-5", "x'00'"}) {
            CHECK_MESSAGE(constant(engine, sql), sql);
        }
        for (const char* sql : {"uuid()", "random()", "lower('x')", "", "other_column", "-f(1)"}) {
            CHECK_FALSE_MESSAGE(constant(engine, sql), sql);
        }
    }
    for (const char* sql :
         {"'x'::character varying", "'1'::numeric(10,2)", "'{}'::text[]",
          "NULL::timestamp(3) without time zone", "'happy'::public.\"Mood\"", "now()",
          "CURRENT_TIMESTAMP(3)", "'1 day'::interval", "(now() + '1 day'::interval)", "ARRAY[1, 2]",
          "CAST('x' AS varchar(5))", "E'a\\'b'", "date '2026-01-01'"}) {
        CHECK_MESSAGE(constant(Engine::postgresql, sql), sql);
    }
    CHECK_FALSE(constant(Engine::postgresql, "nextval('s'::regclass)"));
    CHECK_FALSE(constant(Engine::postgresql, "clock_timestamp()"));
    CHECK(constant(Engine::mysql, "CURRENT_TIMESTAMP(6)"));
    CHECK(constant(Engine::mysql, "_utf8mb4'x'"));
    CHECK(constant(Engine::mysql, "b'0'"));
    CHECK_FALSE(constant(Engine::sqlite, "CURRENT_TIMESTAMP"));
    CHECK_FALSE(constant(Engine::sqlite, "(1 + 1)"));
    CHECK_FALSE(constant(Engine::sqlite, "1 - 1"));
}
