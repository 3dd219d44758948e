#include "sluice/core/error.h"
#include "sluice/db/sqlite/table_sql.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using Kind = ConstraintSql::Kind;

namespace {
const std::string everything = R"(CREATE TABLE "we, ird" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  [user name] VARCHAR(50, 2) COLLATE NOCASE CONSTRAINT nn NOT NULL DEFAULT 'a, ''b', -- NOT NULL
  "n" DECIMAL(10,2) DEFAULT -1.5 CHECK ("n" > (0)),
  plain,
  g AS (lower("user name")) STORED,
  g2 TEXT GENERATED ALWAYS AS (id + 1) NOT NULL,
  r INT REFERENCES other(id) ON DELETE SET NULL ON UPDATE SET DEFAULT NOT DEFERRABLE NOT NULL,
  d TEXT DEFAULT (datetime('now')) UNIQUE ON CONFLICT IGNORE,
  CONSTRAINT both UNIQUE (plain, "n") ON CONFLICT REPLACE
  CHECK (plain <> 'x'),
  FOREIGN KEY (plain) REFERENCES other(name) ON DELETE CASCADE
) STRICT)";
} // namespace

TEST_CASE("the text of a table is read with its columns, types and constraints")
{
    const TableSql table = read_table_sql(everything);
    REQUIRE(table.columns.size() == 8);
    CHECK(table.columns[0].find(Kind::primary_key) != nullptr);
    const ColumnSql* name = table.find("USER NAME");
    REQUIRE(name != nullptr);
    CHECK(name->type == "VARCHAR(50, 2)");
    CHECK(name->find(Kind::collate)->text == "NOCASE");
    CHECK(name->find(Kind::not_null)->name == "nn");
    CHECK(name->find(Kind::default_value)->text == "'a, ''b'");
    CHECK(table.find("n")->find(Kind::default_value)->text == "-1.5");
    CHECK(table.find("n")->find(Kind::check)->text == "(\"n\" > (0))");
    CHECK(table.find("plain")->type.empty());
    CHECK(table.find("g")->find(Kind::generated)->text == "(lower(\"user name\"))");
    CHECK(table.find("g2")->find(Kind::generated)->text == "(id + 1)");
    CHECK(table.find("g2")->find(Kind::not_null) != nullptr);
    CHECK(table.find("d")->find(Kind::unique)->has_conflict_clause);
}

TEST_CASE("a reference keeps its SET NULL and NOT DEFERRABLE to itself")
{
    const TableSql table = read_table_sql(everything);
    const ColumnSql* column = table.find("r");
    REQUIRE(column->constraints.size() == 2);
    CHECK(column->constraints[0].text ==
          "other(id) ON DELETE SET NULL ON UPDATE SET DEFAULT NOT DEFERRABLE");
    CHECK(column->constraints[1].kind == Kind::not_null);
}

TEST_CASE("table constraints are read, with and without commas between them")
{
    const TableSql table = read_table_sql(everything);
    REQUIRE(table.constraints.size() == 3);
    CHECK(table.constraints[0].kind == Kind::unique);
    CHECK(table.constraints[0].name == "both");
    CHECK(table.constraints[0].text == "(plain, \"n\")");
    CHECK(table.constraints[1].kind == Kind::check);
    CHECK(table.constraints[1].text == "(plain <> 'x')");
    CHECK(table.constraints[2].kind == Kind::foreign_key);
}

TEST_CASE("NOT NULL is taken out and put in, the rest of the text stays as it was")
{
    const std::string nullable = without_not_null(everything, "user name");
    CHECK(nullable.find("COLLATE NOCASE DEFAULT 'a, ''b', -- NOT NULL") != std::string::npos);
    CHECK(read_table_sql(nullable).find("user name")->find(Kind::not_null) == nullptr);
    CHECK(without_not_null(nullable, "user name") == nullable);
    const std::string simple = "CREATE TABLE t (a TEXT NOT NULL DEFAULT 1, b)";
    CHECK(without_not_null(simple, "a") == "CREATE TABLE t (a TEXT DEFAULT 1, b)");
    CHECK(with_not_null(without_not_null(simple, "a"), "a") == simple);
    CHECK(with_not_null("CREATE TABLE t(a,b)", "b") == "CREATE TABLE t(a,b NOT NULL)");
}

TEST_CASE("NOT NULL with a conflict clause is refused, because it could not be put back")
{
    CHECK_THROWS_AS(
        static_cast<void>(without_not_null("CREATE TABLE t(a NOT NULL ON CONFLICT IGNORE)", "a")),
        Error);
}

TEST_CASE("a default is set, replaced and dropped")
{
    const std::string none = "CREATE TABLE t(a INT NOT NULL, b)";
    const std::string one = "CREATE TABLE t(a INT NOT NULL DEFAULT 1, b)";
    CHECK(with_default(none, "a", "1") == one);
    CHECK(with_default(one, "a", std::nullopt) == none);
    CHECK(with_default(one, "a", "-2") == "CREATE TABLE t(a INT NOT NULL DEFAULT -2, b)");
    CHECK(with_default(one, "b", "1 + 1") ==
          "CREATE TABLE t(a INT NOT NULL DEFAULT 1, b DEFAULT (1 + 1))");
    CHECK(with_default(one, "b", "('x')") ==
          "CREATE TABLE t(a INT NOT NULL DEFAULT 1, b DEFAULT ('x'))");
    CHECK(with_default(one, "b", "lower('X')") ==
          "CREATE TABLE t(a INT NOT NULL DEFAULT 1, b DEFAULT (lower('X')))");
}
