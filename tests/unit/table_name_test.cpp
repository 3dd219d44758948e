#include "sluice/core/error.h"
#include "sluice/db/catalog.h"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("a table is named alone or behind its schema")
{
    CHECK(parse_table_name("users") == TableName{.schema = "", .name = "users"});
    CHECK(parse_table_name("billing.users") == TableName{.schema = "billing", .name = "users"});
    CHECK(parse_table_name("two words.naïve") == TableName{.schema = "two words", .name = "naïve"});
}

TEST_CASE("a part in double quotes may hold dots and doubled quotes")
{
    CHECK(parse_table_name(R"("a.b")") == TableName{.schema = "", .name = "a.b"});
    CHECK(parse_table_name(R"("a.b".c)") == TableName{.schema = "a.b", .name = "c"});
    CHECK(parse_table_name(R"(a."b""c")") == TableName{.schema = "a", .name = "b\"c"});
}

TEST_CASE("a text that names no table is refused")
{
    for (const std::string& text :
         {std::string(""), std::string("."), std::string("a."), std::string(".a"),
          std::string("a..b"), std::string("a.b.c"), std::string("\""), std::string("\"\""),
          std::string("\"a"), std::string("\"a\"b"), std::string("a\"b\""),
          std::string("a\0b", 3)}) {
        CAPTURE(text);
        try {
            static_cast<void>(parse_table_name(text));
            FAIL_CHECK("accepted");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::definition);
            CHECK_FALSE(error.details.hint.empty());
        }
    }
}
