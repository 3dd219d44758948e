#include "sluice/db/dialect.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

std::unique_ptr<Dialect> dialect_of(Engine engine)
{
    return make_dialect(Server{.engine = engine, .is_mariadb = true, .version = 101119});
}

} // namespace

TEST_CASE("a quote inside an identifier is doubled")
{
    CHECK(dialect_of(Engine::postgresql)->quote("a\"b") == "\"a\"\"b\"");
    CHECK(dialect_of(Engine::sqlite)->quote("a\"b") == "\"a\"\"b\"");
    CHECK(dialect_of(Engine::mysql)->quote("a`b") == "`a``b`");
}

TEST_CASE("a table is quoted part by part and an empty schema is left out")
{
    const auto dialect = dialect_of(Engine::postgresql);
    CHECK(dialect->quote(TableName{"billing", "in.voice"}) == "\"billing\".\"in.voice\"");
    CHECK(dialect->quote(TableName{"", "users"}) == "\"users\"");
    CHECK(dialect->quote_list({"a", "b"}) == "\"a\", \"b\"");
}

TEST_CASE("a literal escapes backslashes on MySQL only")
{
    CHECK(dialect_of(Engine::postgresql)->literal("it's\\") == "'it''s\\'");
    CHECK(dialect_of(Engine::sqlite)->literal("it's\\") == "'it''s\\'");
    CHECK(dialect_of(Engine::mysql)->literal("it's\\") == "'it''s\\\\'");
}

TEST_CASE("state tables live in a schema of their own or behind a prefix")
{
    CHECK(dialect_of(Engine::postgresql)->state_table("run") == "\"sluice\".\"run\"");
    CHECK(dialect_of(Engine::mysql)->state_table("run") == "`sluice_run`");
    CHECK(dialect_of(Engine::sqlite)->state_table("run") == "\"sluice_run\"");
}

TEST_CASE("a negative offset under a second keeps its sign on SQLite")
{
    const std::string sql = dialect_of(Engine::sqlite)->now(std::chrono::milliseconds{-50});
    CHECK(sql == "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-0.050 seconds')");
}
