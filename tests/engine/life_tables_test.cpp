// Changes of whole tables through the whole life of a migration.

#include "sluice/core/error.h"
#include "support/life.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::change;
using test::table;

namespace {

const std::string three_rows =
    table("a varchar(20) NOT NULL, b int DEFAULT 7") +
    "CREATE INDEX t_a ON t (a); INSERT INTO t VALUES (1, 'x', 10), (2, '', NULL), (3, 'é', 30)";

const char* const invoices = R"toml(
[[change]]
kind        = "create_table"
table       = "invoices"
primary_key = ["id"]
columns     = [
  { name = "id", type = "bigint", identity = true },
  { name = "customer", type = "varchar(100)", nullable = false },
  { name = "state", type = "varchar(10)", default = "'new'", nullable = false },
  { name = "total", type = { postgresql = "numeric(12,2)", mysql = "decimal(12,2)", sqlite = "NUMERIC" } },
]
indexes = [
  { name = "invoices_customer", columns = ["customer", "id DESC"], unique = true },
]
)toml";

bool has_table(const std::vector<Table>& tables, const std::string& name)
{
    for (const Table& each : tables) {
        if (each.name.name == name) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("a new table comes with expand and goes with a rollback, and nothing else changes")
{
    test::live_through({.setup = three_rows,
                        .migration = invoices,
                        .before = "SELECT * FROM t ORDER BY id",
                        .after = "SELECT * FROM t ORDER BY id",
                        .rows_after = {}});
}

TEST_CASE("a new table is as its migration describes it")
{
    test::Life life(three_rows, invoices);
    life.expand();
    life.database.run("INSERT INTO invoices (customer) VALUES ('a'); INSERT INTO invoices "
                      "(customer, total) VALUES ('b', 1.5)");
    CHECK(life.rows("SELECT id, customer, state FROM invoices ORDER BY id") ==
          "1|a|new|\n2|b|new|\n");
    const std::vector<Table> tables = life.tables();
    REQUIRE(has_table(tables, "invoices"));
    for (const Table& found : tables) {
        if (found.name.name != "invoices") {
            continue;
        }
        CHECK(found.primary_key == std::vector<std::string>{"id"});
        CHECK(found.find("id")->is_identity);
        CHECK(!found.find("customer")->nullable);
        CHECK(found.find("total")->nullable);
        REQUIRE(found.indexes.size() == 1);
        CHECK(found.indexes[0].unique);
        CHECK(found.indexes[0].parts[1].descending);
    }
    life.rollback();
    CHECK(!has_table(life.tables(), "invoices"));
}

TEST_CASE("a dropped table is put aside at contract with every row, and goes with purge")
{
    test::Life life(three_rows + "; CREATE TABLE other (id int PRIMARY KEY)",
                    change("drop_table", ""));
    const std::string rows = life.rows("SELECT * FROM t ORDER BY id");
    const std::vector<Table> before = life.tables();
    life.expand();
    life.rollback();
    test::check_same_tables(before, life.tables());
    life.expand();
    life.migrate();
    life.contract();
    CHECK(!has_table(life.tables(), "t"));
    CHECK(life.rows("SELECT * FROM sluice_kept_t ORDER BY id") == rows);
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK(life.rows("SELECT * FROM t ORDER BY id") == rows);
    life.contract();
    life.purge();
    CHECK(!has_table(life.tables(), "t"));
    CHECK(!has_table(life.tables(), "sluice_kept_t"));
    CHECK(has_table(life.tables(), "other"));
}

TEST_CASE("a renamed table is read and written by both names until purge")
{
    const std::string file = change("rename_table", "to = \"u\"");
    if (by_engine("", "", "sqlite") == "sqlite") {
        test::Life life(three_rows, file);
        CHECK_THROWS_WITH_AS((void)life.runner().expand(life.migration()),
                             doctest::Contains("two names"), Error);
        return;
    }
    test::live_through({.setup = three_rows,
                        .migration = file,
                        .before = "SELECT * FROM t ORDER BY id",
                        .after = "SELECT * FROM u ORDER BY id",
                        .rows_after = {}});

    test::Life life(three_rows, file);
    const auto write_by = [&life](const std::string& name, int id) {
        const std::string key = std::to_string(id);
        life.database.run("INSERT INTO " + name + " (id, a) VALUES (" + key + ", 'new');" +
                          "UPDATE " + name + " SET a = 'set' WHERE id = " + key + ";" +
                          "DELETE FROM " + name + " WHERE id = " + std::to_string(id - 100));
        CHECK(life.rows("SELECT a, b FROM " + name + " WHERE id = " + key) == "set|7|\n");
    };
    life.expand();
    write_by("t", 101);
    write_by("u", 102);
    life.migrate();
    life.contract();
    write_by("t", 103);
    write_by("u", 203);
    life.rollback();
    write_by("u", 204);
    CHECK(life.rows("SELECT id FROM t ORDER BY id") == "101|\n102|\n203|\n204|\n");
    life.contract();
    life.purge();
    CHECK(!has_table(life.tables(), "t"));
    CHECK(life.rows("SELECT id FROM u ORDER BY id") == "101|\n102|\n203|\n204|\n");
}
