// What people do to a table while a migration is under way, and copies whose keys are literals.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::error_of;
using test::Life;
using test::table;

namespace {

const char* const rename_a =
    "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"a\"\nto = \"a2\"\n";

} // namespace

TEST_CASE("rollback keeps a column that somebody added meanwhile, and its values")
{
    Life life(table("a varchar(20) NOT NULL") + "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
              rename_a);
    life.expand();
    life.migrate();
    life.database.run("ALTER TABLE t ADD COLUMN surprise int");
    life.database.run("UPDATE t SET surprise = id * 10");
    life.rollback();
    CHECK(life.state() == State::pending);
    CHECK(life.rows("SELECT id, a, surprise FROM t ORDER BY id") == "1|x|10|\n2|y|20|\n");
}

TEST_CASE("an index that somebody made on the new column does not keep rollback from its end")
{
    Life life(table("a varchar(20) NOT NULL") + "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
              rename_a);
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.database.run("CREATE INDEX by_hand ON t (a2)");
    if (test::engine() == Engine::sqlite) { // which drops no column with its index
        const Error error = error_of([&] { (void)life.runner().rollback(life.migration()); });
        CHECK(error.message.find("by_hand") != std::string::npos);
        life.database.run("DROP INDEX by_hand");
    }
    life.rollback();
    CHECK(life.state() == State::pending);
    test::check_same_tables(tables, life.tables());
}

TEST_CASE("into takes literals of any type for a part of the target's key")
{
    const std::string day = by_engine("date", "date", "TEXT");
    Life life(table("a varchar(20) NOT NULL") +
                  "CREATE TABLE copied (shop varchar(5) NOT NULL, day " + day +
                  " NOT NULL, number int NOT NULL, flag char(3) NOT NULL, id bigint NOT NULL, "
                  "a varchar(20), PRIMARY KEY (shop, day, number, flag, id));"
                  "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z'), (4, 'w');"
                  "INSERT INTO copied VALUES ('x', '2026-01-01', 7, 'n', 3, 'kept'), "
                  "('y', '2026-01-01', 7, 'n', 4, 'another')",
              "[[backfill]]\ntable = \"t\"\ninto = \"copied\"\nset = { shop = \"'x'\", day = "
              "\"'2026-01-01'\", number = \"'7'\", flag = \"'n'\", id = \"id\", a = \"a\" }\n");
    life.migrate();
    CHECK(life.rows("SELECT shop, day, number, id, a FROM copied ORDER BY shop, id") ==
          "x|2026-01-01|7|1|x|\nx|2026-01-01|7|2|y|\nx|2026-01-01|7|3|kept|\n"
          "x|2026-01-01|7|4|w|\ny|2026-01-01|7|4|another|\n");
    (void)life.runner().verify(life.migration());
    life.contract();
}

TEST_CASE(
    "MariaDB: NOT NULL is refused where a stored generated column would have the table copied")
{
    const test::TestDatabase database;
    if (test::engine() != Engine::mysql || !database.open().dialect().server().is_mariadb) {
        return;
    }
    Life life(table("a varchar(20) NOT NULL, n int, twice int AS (n * 2) STORED"), rename_a);
    const Error error = error_of([&] { (void)life.runner().plan(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("\"twice\"") != std::string::npos);
}
