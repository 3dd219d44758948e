// A column is dropped and brought back: what the rows hold that were inserted meanwhile.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::change;
using test::Life;
using test::table;

namespace {

std::string drop_a(const std::string& rest = "")
{
    return change("drop_column", "column = \"a\"\n" + rest);
}

const std::string rows_of_a = "SELECT id, a, b FROM t ORDER BY id";

std::string required_a()
{
    return table("a varchar(20) NOT NULL, b varchar(20)") +
           "INSERT INTO t VALUES (1, 'x', 'p'), (2, '', NULL)";
}

} // namespace

TEST_CASE("dropped columns come back as they were, with their indexes, defaults and NOT NULL")
{
    std::string migration;
    for (const char* column : {"a", "c", "d", "e"}) {
        migration += std::string("[[change]]\nkind = \"drop_column\"\ntable = \"t\"\ncolumn = \"") +
                     column + "\"\n";
    }
    test::live_through(
        {.setup = table("a varchar(20) NOT NULL, b varchar(20), c varchar(20) DEFAULT 'c', "
                        "d varchar(20) DEFAULT 'd' NOT NULL, e varchar(20)") +
                  "CREATE INDEX t_a ON t (a); CREATE INDEX t_cb ON t (c, b); CREATE UNIQUE INDEX "
                  "t_b ON t (b, d); "
                  "INSERT INTO t VALUES (1, 'x', 'p', '', 'u', NULL), (2, '', 'q', NULL, 'v', 'w')",
         .migration = migration,
         .before = "SELECT id, a, b, c, d, e FROM t ORDER BY id",
         .after = "SELECT id, b FROM t ORDER BY id",
         .rows_after = "1|p|\n2|q|\n"});
}

TEST_CASE("a column dropped with down is filled for rows that no longer name it, until purge")
{
    Life life(required_a(), drop_a("down = \"lower(b)\"\ndown_ok = \"b <> 'none'\"\n"));
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.database.run("INSERT INTO t (id, b) VALUES (3, 'R')");
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, b) VALUES (4, 'S')");
    life.rollback();
    CHECK(life.rows(rows_of_a) == "1|x|p|\n2||NULL|\n3|r|R|\n4|s|S|\n");
    life.rollback();
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(rows_of_a) == "1|x|p|\n2||NULL|\n3|r|R|\n4|s|S|\n");
}

TEST_CASE("undo_fill gives a value to rows without one when NOT NULL comes back")
{
    Life life(required_a(), drop_a("undo_fill = \"'unknown'\"\n"));
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.database.run("INSERT INTO t (id, b) VALUES (3, 'before contract')");
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, b) VALUES (4, 'after')");
    life.rollback();
    life.rollback();
    CHECK(life.state() == State::pending);
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(rows_of_a) ==
          "1|x|p|\n2||NULL|\n3|unknown|before contract|\n4|unknown|after|\n");
}

TEST_CASE("undo_fill fills what down could not")
{
    Life life(required_a(), drop_a("down = \"lower(b)\"\ndown_ok = \"b <> 'none'\"\n"
                                   "undo_fill = \"'unknown'\"\n"));
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, b) VALUES (3, 'R'), (4, 'none'), (5, NULL)");
    life.rollback();
    life.rollback();
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(rows_of_a) == "1|x|p|\n2||NULL|\n3|r|R|\n4|unknown|none|\n5|unknown|NULL|\n");
}

TEST_CASE("rows without a value stop the way back to NOT NULL, and nothing is changed by the try")
{
    Life life(required_a(), drop_a());
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, b) VALUES (33, 'without')");
    life.rollback();
    CHECK(life.rows(rows_of_a) == "1|x|p|\n2||NULL|\n33|NULL|without|\n");
    const std::vector<Table> migrated = life.tables();
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    CHECK(error.message.find("is NULL") != std::string::npos);
    CHECK(error.message.find("33") != std::string::npos);
    test::check_same_tables(migrated, life.tables());
    life.database.run("UPDATE t SET a = 'given' WHERE id = 33");
    life.rollback();
    CHECK(life.state() == State::pending);
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(rows_of_a) == "1|x|p|\n2||NULL|\n33|given|without|\n");
}
