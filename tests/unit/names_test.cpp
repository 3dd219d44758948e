#include "sluice/db/dialect.h"
#include "sluice/db/sql_text.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

std::unique_ptr<Dialect> dialect_of(Engine engine)
{
    return make_dialect(Server{.engine = engine, .is_mariadb = true, .version = 101119});
}

std::vector<std::string> texts(std::string_view sql)
{
    std::vector<std::string> result;
    for (const Token& token : tokens_of(sql)) {
        result.push_back(token.text);
    }
    return result;
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

TEST_CASE("comments are no tokens and quotes hide what is inside")
{
    CHECK(texts("a -- b\n /* c */ 'd -- e' \"f\"\"g\" `h` [i j]") ==
          std::vector<std::string>{"a", "d -- e", "f\"g", "h", "i j"});
    CHECK(texts("x'00ff' $q$it's$q$ 1.5e-3 a::text") ==
          std::vector<std::string>{"00ff", "it's", "1.5e-3", "a", "::", "text"});
}

TEST_CASE("an unterminated quote reaches to the end")
{
    CHECK(texts("'abc") == std::vector<std::string>{"abc"});
    CHECK(texts("$a$abc") == std::vector<std::string>{"abc"});
    CHECK(texts("$a") == std::vector<std::string>{"$", "a"});
}

TEST_CASE("a name is mentioned as a word, never as part of one or inside a string")
{
    CHECK(mentions("SELECT User_Name FROM t", "user_name"));
    CHECK(mentions("SELECT \"user_name\" FROM t", "user_name"));
    CHECK_FALSE(mentions("SELECT user_names FROM t", "user_name"));
    CHECK_FALSE(mentions("SELECT 'user_name' FROM t", "user_name"));
}
