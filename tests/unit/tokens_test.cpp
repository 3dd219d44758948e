#include "sluice/db/tokens.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {
std::string texts(const std::string& sql, Engine engine)
{
    std::string joined;
    for (const Token& token : tokenize(sql, engine)) {
        joined += (joined.empty() ? "" : "|") + token.text;
    }
    return joined;
}
} // namespace

TEST_CASE("tokens know the quotes of each engine")
{
    CHECK(texts(R"(SELECT "a""b", 'it''s')", Engine::postgresql) == R"(SELECT|a"b|,|'it''s')");
    CHECK(texts(R"(a"b"`c`)", Engine::mysql) == R"(a|"b"|c)");
    CHECK(texts("[a b] `c` \"d\"", Engine::sqlite) == "a b|c|d");
    CHECK(texts("$x$ it's; $$ $x$ + $1", Engine::postgresql) == "$x$ it's; $$ $x$|+|$|1");
    CHECK(texts(R"('a\'b' c)", Engine::mysql) == R"('a\'b'|c)");
    CHECK(texts(R"('a\' c)", Engine::postgresql) == R"('a\'|c)");
    CHECK(texts(R"(E'a\'b' c)", Engine::postgresql) == R"(E|'a\'b'|c)");
}

TEST_CASE("tokens leave comments out")
{
    CHECK(texts("a -- it's\nb /* c /* d */ e */ f", Engine::postgresql) == "a|b|f");
    CHECK(texts("a /* c /* d */ e", Engine::sqlite) == "a|e");
    CHECK(texts("a # b\nc --d\n-- e", Engine::mysql) == "a|c|-|-|d");
}

TEST_CASE("tokens of text that ends inside a quote end there")
{
    CHECK(texts("a 'b", Engine::sqlite) == "a|'b");
    CHECK(texts("a /* b", Engine::mysql) == "a");
    CHECK(texts("$x$ b", Engine::postgresql) == "$x$ b");
    CHECK(texts("'a\\", Engine::mysql) == "'a\\");
}

TEST_CASE("a column is mentioned by its name in any quotes and any case, never inside a string")
{
    CHECK(mentions("lower(\"Name\")", "name", Engine::sqlite));
    CHECK(mentions("a + NAME", "name", Engine::sqlite));
    CHECK_FALSE(mentions("a = 'name' -- name", "name", Engine::sqlite));
    CHECK_FALSE(mentions("surname", "name", Engine::sqlite));
}
