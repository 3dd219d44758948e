#include "sluice/core/error.h"
#include "sluice/db/sqlite/unique_edits.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;

namespace {

const std::string plain = "CREATE TABLE t(\n  a TEXT NOT NULL UNIQUE DEFAULT 'x, y', -- once\n"
                          "  \"b c\" INT,\n  d,\n  PRIMARY KEY (d, a),\n"
                          "  CONSTRAINT pair UNIQUE (\"b c\" COLLATE nocase, A) ON CONFLICT IGNORE"
                          ")";

} // namespace

TEST_CASE("a UNIQUE is found by its columns, behind a column or among the table's constraints")
{
    const auto of_column = find_unique(plain, {"A"});
    REQUIRE(of_column);
    CHECK(of_column->is_of_column);
    CHECK(of_column->name.empty());
    CHECK(of_column->conflict.empty());
    const auto of_table = find_unique(plain, {"b c", "a"});
    REQUIRE(of_table);
    CHECK_FALSE(of_table->is_of_column);
    CHECK(of_table->name == "pair");
    CHECK(of_table->conflict == "ON CONFLICT IGNORE");
    CHECK_FALSE(find_unique(plain, {"a", "b c"})); // the key of an index has an order
    CHECK_FALSE(find_unique(plain, {"d", "a"}));   // a primary key is none
}

TEST_CASE("a UNIQUE goes, and the rest of the text stays as it is")
{
    CHECK(without_unique(plain, {"a"}) ==
          "CREATE TABLE t(\n  a TEXT NOT NULL DEFAULT 'x, y', -- once\n"
          "  \"b c\" INT,\n  d,\n  PRIMARY KEY (d, a),\n"
          "  CONSTRAINT pair UNIQUE (\"b c\" COLLATE nocase, A) ON CONFLICT IGNORE)");
    CHECK(without_unique(plain, {"b c", "a"}) ==
          "CREATE TABLE t(\n  a TEXT NOT NULL UNIQUE DEFAULT 'x, y', -- once\n"
          "  \"b c\" INT,\n  d,\n  PRIMARY KEY (d, a))");
    CHECK(without_unique("CREATE TABLE t(a, b, UNIQUE(a), UNIQUE (a))", {"a"}) ==
          "CREATE TABLE t(a, b)");
    CHECK_THROWS_AS((void)without_unique(plain, {"d"}), Error);
    CHECK_THROWS_AS(
        (void)without_unique("CREATE TABLE t(a, UNIQUE(a), UNIQUE(a COLLATE nocase))", {"a"}),
        Error);
}

TEST_CASE("a UNIQUE moves to another column, with its name and its conflict clause")
{
    CHECK(with_unique_moved("CREATE TABLE t(a CONSTRAINT u UNIQUE ON CONFLICT FAIL, b, c)", {"a"},
                            {"c"}) ==
          "CREATE TABLE t(a, b, c CONSTRAINT u UNIQUE ON CONFLICT FAIL)");
    CHECK(with_unique_moved(plain, {"b c", "a"}, {"b c", "no \"w"}) ==
          "CREATE TABLE t(\n  a TEXT NOT NULL UNIQUE DEFAULT 'x, y', -- once\n"
          "  \"b c\" INT,\n  d,\n  PRIMARY KEY (d, a),\n"
          "  CONSTRAINT pair UNIQUE (\"b c\" COLLATE nocase, \"no \"\"w\") ON CONFLICT IGNORE)");
}

TEST_CASE("a UNIQUE comes back to its place among the others")
{
    const std::string text = "CREATE TABLE t(a, b, CHECK (a > 0), UNIQUE (b), UNIQUE (a, b))";
    CHECK(with_column_unique(text, "A", "UNIQUE") ==
          "CREATE TABLE t(a UNIQUE, b, CHECK (a > 0), UNIQUE (b), UNIQUE (a, b))");
    CHECK(with_table_unique(text, "UNIQUE (a)", {"b"}) ==
          "CREATE TABLE t(a, b, CHECK (a > 0), UNIQUE (a), UNIQUE (b), UNIQUE (a, b))");
    CHECK(with_table_unique(text, "UNIQUE (a)", {"a", "b"}) ==
          "CREATE TABLE t(a, b, CHECK (a > 0), UNIQUE (b), UNIQUE (a), UNIQUE (a, b))");
    CHECK(with_table_unique(text, "UNIQUE (a)", {}) ==
          "CREATE TABLE t(a, b, CHECK (a > 0), UNIQUE (b), UNIQUE (a, b), UNIQUE (a))");
}
