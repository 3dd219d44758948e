#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"

#include <doctest/doctest.h>

#include <memory>

using namespace sluice;

namespace {

std::unique_ptr<Dialect> dialect(Engine engine)
{
    return make_dialect({.engine = engine, .is_mariadb = engine == Engine::mysql});
}

Column column(const std::string& name, const std::string& sql, TypeFamily family)
{
    return {.name = name, .type = {.sql = sql, .family = family}, .nullable = false};
}

const std::vector<Column> pair_key = {column("a", "integer", TypeFamily::integer),
                                      column("b", "text", TypeFamily::text)};

std::string range_sql(Engine engine, const std::vector<Column>& key, const KeyValues& after,
                      const KeyValues& upper)
{
    const auto d = dialect(engine);
    Sql sql = d->sql();
    append_range(sql, *d, key, after, upper);
    return sql.take().text;
}

} // namespace

TEST_CASE("a position is a JSON array of texts and comes back as it was")
{
    CHECK(encode_key({"2200"}) == R"(["2200"])");
    for (const KeyValues& values : std::vector<KeyValues>{{"2200"},
                                                          {""},
                                                          {"a", "b c"},
                                                          {"\"quoted\" \\ [\"", "é😀"},
                                                          {std::string("\0\x01x", 3)}}) {
        CHECK(decode_key(encode_key(values)) == values);
    }
}

TEST_CASE("no position is before the first row")
{
    CHECK(decode_key("").empty());
}

TEST_CASE("a position that is not one is a defect, not a crash")
{
    CHECK_THROWS_AS((void)decode_key("2200"), Error);
    CHECK_THROWS_AS((void)decode_key("[1]"), Error);
    CHECK_THROWS_AS((void)decode_key("{"), Error);
}

TEST_CASE("a key that is not UTF-8 is refused")
{
    CHECK_THROWS_AS((void)encode_key({"\xff"}), Error);
}

TEST_CASE("a composite key is a row value on PostgreSQL and SQLite")
{
    CHECK(range_sql(Engine::postgresql, pair_key, {"1", "x"}, {"2", "y"}) ==
          R"(("a", "b") > ($1::integer, $2::text) AND ("a", "b") <= ($3::integer, $4::text))");
    CHECK(range_sql(Engine::sqlite, pair_key, {"1", "x"}, {"2", "y"}) ==
          R"(("a", "b") > (?1, ?2) AND ("a", "b") <= (?3, ?4))");
}

TEST_CASE("a composite key is expanded on MySQL, where a row value would read the whole table")
{
    CHECK(range_sql(Engine::mysql, pair_key, {"1", "x"}, {"2", "y"}) ==
          "(`a` > CAST(? AS SIGNED) OR (`a` = CAST(? AS SIGNED) AND (`b` > ?))) AND "
          "(`a` < CAST(? AS SIGNED) OR (`a` = CAST(? AS SIGNED) AND (`b` <= ?)))");
}

TEST_CASE("the first range of a table has no lower bound, and the last may have no upper one")
{
    const std::vector<Column> key = {pair_key[0]};
    CHECK(range_sql(Engine::postgresql, key, {}, {"9"}) == R"("a" <= $1::integer)");
    CHECK(range_sql(Engine::postgresql, key, {"3"}, {}) == R"("a" > $1::integer)");
    CHECK(range_sql(Engine::postgresql, key, {}, {}) == "1 = 1");
}

TEST_CASE("MySQL compares a number as a number and a date as a date, never as a double")
{
    const auto bound = [](Column key) {
        const auto d = dialect(Engine::mysql);
        Sql sql = d->sql();
        d->bind_key(sql, key, "1");
        return sql.take().text;
    };
    Column number = column("a", "bigint(20) unsigned", TypeFamily::integer);
    number.type.is_unsigned = true;
    CHECK(bound(number) == "CAST(? AS UNSIGNED)");
    Column decimal = column("a", "decimal(12,2)", TypeFamily::decimal);
    decimal.type.precision = 12;
    decimal.type.scale = 2;
    CHECK(bound(decimal) == "CAST(? AS DECIMAL(12, 2))");
    Column moment = column("a", "datetime(6)", TypeFamily::timestamp);
    moment.type.precision = 6;
    CHECK(bound(moment) == "CAST(? AS DATETIME(6))");
    CHECK(bound(column("a", "binary(16)", TypeFamily::bytes)) == "UNHEX(?)");
    CHECK(bound(column("a", "uuid", TypeFamily::uuid)) == "CAST(? AS uuid)");
    Column text = column("a", "varchar(9)", TypeFamily::text);
    text.charset = "latin1";
    text.collation = "latin1_german1_ci";
    CHECK(bound(text) == "CONVERT(? USING latin1) COLLATE latin1_german1_ci");
}

TEST_CASE("the boundary query is ordered by the column, not by its text")
{
    const auto d = dialect(Engine::postgresql);
    const Statement query = boundary_query(*d, {"public", "t"}, {pair_key[0]}, {"5"}, {"9"}, 500);
    CHECK(query.text == R"(SELECT "a"::text AS sluice_key_1 FROM "public"."t" WHERE "a" > )"
                        R"($1::integer AND "a" <= $2::integer ORDER BY "public"."t"."a" LIMIT 1 )"
                        "OFFSET 499");
}

TEST_CASE("a nullable, a floating-point and an unordered column are refused as keys")
{
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        const auto d = dialect(engine);
        Column nullable = pair_key[0];
        nullable.nullable = true;
        CAPTURE(d->quote("x")); // tells the engine
        CHECK(d->key_refusal(nullable));
        CHECK(d->key_refusal(column("a", "double", TypeFamily::floating)));
        CHECK_FALSE(d->key_refusal(pair_key[0]));
        CHECK_FALSE(d->key_refusal(pair_key[1]));
    }
    CHECK(dialect(Engine::postgresql)->key_refusal(column("a", "json", TypeFamily::json)));
    CHECK(
        dialect(Engine::mysql)->key_refusal(column("a", "enum('b','a')", TypeFamily::enumeration)));
}
