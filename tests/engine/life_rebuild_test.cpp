// SQLite: a table that is written anew keeps everything but what the change is about: indexes,
// triggers, views, foreign keys of both directions, rowids, the counter of AUTOINCREMENT.

#include "sluice/core/error.h"
#include "sluice/db/session.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::Life;

namespace {

const char* const laden = R"sql(
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE "Sold Items" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  "order" TEXT COLLATE NOCASE UNIQUE, -- a comment, with a UNIQUE
  price INT CHECK (price > 0) DEFAULT (1 + 1),
  double INT GENERATED ALWAYS AS (price * 2) VIRTUAL,
  parent INT REFERENCES parent ON DELETE CASCADE,
  above INT REFERENCES "Sold Items" (id),
  CONSTRAINT once UNIQUE (price, parent) ON CONFLICT IGNORE
);
CREATE INDEX items_price ON "Sold Items" (price DESC) WHERE price > 1;
CREATE UNIQUE INDEX items_lower ON "Sold Items" (lower("order"));
CREATE TABLE child (id INTEGER PRIMARY KEY, item INT REFERENCES "Sold Items" (id) ON DELETE CASCADE,
  CHECK (id > 0));
CREATE TABLE seen (what TEXT);
CREATE TRIGGER first AFTER INSERT ON "Sold Items" BEGIN
  INSERT INTO seen VALUES ('first ' || NEW.id); END;
CREATE TRIGGER second AFTER DELETE ON "Sold Items" BEGIN
  INSERT INTO seen VALUES ('second ' || OLD.id); END;
CREATE TRIGGER of_child AFTER INSERT ON child BEGIN
  UPDATE "Sold Items" SET price = price WHERE id = NEW.item; END;
CREATE VIEW cheap AS SELECT id, price FROM "Sold Items" WHERE price < 10;
INSERT INTO parent VALUES (1), (2);
INSERT INTO "Sold Items" (id, "order", price, parent) VALUES (1, 'a', 5, 1), (7, 'b', 20, 2);
INSERT INTO "Sold Items" (id, "order", price, parent, above) VALUES (90, 'c', 7, 1, 7);
DELETE FROM "Sold Items" WHERE id = 90;
INSERT INTO child VALUES (1, 1), (2, 7);
CREATE TABLE heap (a TEXT, rowid TEXT, CONSTRAINT heap_a UNIQUE (a));
INSERT INTO heap (_rowid_, a) VALUES (5, 'x'), (9, 'y');
ANALYZE;
)sql";

/// The schema, letter by letter, and every row with its rowid.
const char* const schema =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sluice%' AND "
    "tbl_name NOT LIKE 'sluice%' ORDER BY type, name";
const char* const all_rows =
    "SELECT 'item', i.rowid, i.\"order\", price, double, parent, above FROM \"Sold Items\" i "
    "UNION ALL SELECT 'heap', _rowid_, a, rowid, 0, 0, 0 FROM heap "
    "UNION ALL SELECT 'child', id, item, 0, 0, 0, 0 FROM child "
    "UNION ALL SELECT 'seen', 0, what, 0, 0, 0, 0 FROM seen "
    "UNION ALL SELECT 'seq', seq, name, 0, 0, 0, 0 FROM sqlite_sequence WHERE name NOT LIKE "
    "'sluice%' UNION ALL SELECT 'stat', 0, tbl, idx, stat, 0, 0 FROM sqlite_stat1 WHERE tbl NOT "
    "LIKE 'sluice%'";

std::string schema_without(const std::string& table)
{
    return "SELECT * FROM (" + std::string(schema) + ") WHERE name <> '" + table +
           "' AND sql IS NOT NULL";
}

std::string dropping(const std::string& table, const std::string& name)
{
    return "[[change]]\nkind = \"drop_constraint\"\ntable = '" + table + "'\nname = \"" + name +
           "\"\n";
}

bool is_sqlite()
{
    return test::engine() == Engine::sqlite;
}

} // namespace

TEST_CASE("a table is written anew without its constraint, and again with it, letter by letter")
{
    if (!is_sqlite()) {
        return; // whose constraints come and go in place
    }
    for (const auto& [table, name] : std::vector<std::pair<std::string, std::string>>{
             {"Sold Items", "once"},
             {"Sold Items", "sqlite_autoindex_Sold Items_1"},
             {"heap", "heap_a"}}) {
        CAPTURE(name);
        Life life(laden, dropping(table, name));
        const std::string before = life.rows(schema);
        const std::string others = life.rows(schema_without(table));
        const std::string rows = life.rows(all_rows);
        const std::vector<Table> tables = life.tables();
        life.expand();
        CHECK(life.rows(all_rows) == rows);
        CHECK(life.rows(schema) != before);
        CHECK(life.rows("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_%' "
                        "AND tbl_name NOT LIKE 'sluice%'") == "2|\n");
        life.rollback();
        CHECK(life.rows(all_rows) == rows);
        test::check_same_tables(tables, life.tables());
        CHECK(life.rows(schema_without(table)) == others); // its own text may be spelled otherwise
    }
}

TEST_CASE("after a rebuild the table's triggers fire, and its foreign keys hold both ways")
{
    if (!is_sqlite()) {
        return;
    }
    Life life(laden, dropping("Sold Items", "once"));
    life.expand();
    life.database.run("INSERT INTO \"Sold Items\" (\"order\", price, parent) VALUES ('d', 5, 1)");
    CHECK(life.rows("SELECT max(id) FROM \"Sold Items\"") == "91|\n");
    CHECK(life.rows("SELECT count(*) FROM seen WHERE what = 'first 91'") == "1|\n");
    Session session = life.database.open();
    CHECK_THROWS_AS(session.execute("INSERT INTO child VALUES (9, 1000)"), Error);
    CHECK_THROWS_AS(session.execute("INSERT INTO \"Sold Items\" (parent) VALUES (33)"), Error);
    session.execute("DELETE FROM parent WHERE id = 1");
    CHECK(life.rows("SELECT id FROM \"Sold Items\"") == "7|\n");
    CHECK(life.rows("SELECT id FROM child") == "2|\n");
    CHECK(life.rows("SELECT id FROM cheap").empty());
}

TEST_CASE("the plan says whose writing the rebuild of a table shuts out, and for how many rows")
{
    if (!is_sqlite()) {
        return;
    }
    Life life(laden, dropping("Sold Items", "once"));
    const Plan plan = life.runner().plan(life.migration());
    REQUIRE(plan.actions.size() == 1);
    CHECK(plan.actions[0].lock.find("write lock while some 2 rows") != std::string::npos);
}

TEST_CASE("a rebuild that would break a foreign key is refused, and one that fails leaves nothing")
{
    if (!is_sqlite()) {
        return;
    }
    Life life("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CONSTRAINT t_a UNIQUE (a));"
              "CREATE TABLE child (a INT REFERENCES t (a));"
              "INSERT INTO t VALUES (1, 10); INSERT INTO child VALUES (10);",
              dropping("t", "t_a"));
    const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
    CHECK(error.message.find("of table \"child\" refers to") != std::string::npos);
    const std::string before = life.rows(schema);
    Session session = life.database.open();
    for (const char* sql : {"SELECT sluice_rebuild('t', 'drop unique', '\"a\"', '')",
                            "SELECT sluice_rebuild('child', 'add unique', '', 'UNIQUE (b)')",
                            "SELECT sluice_rebuild('child', 'drop unique', '\"a\"', '')"}) {
        CAPTURE(sql);
        session.begin();
        CHECK_THROWS_AS(session.execute(sql), Error);
        session.rollback();
        CHECK(life.rows(schema) == before);
        CHECK(session.query("PRAGMA foreign_keys")[0][0] == "1");
        CHECK(session.query("PRAGMA legacy_alter_table")[0][0] == "0");
    }
}

TEST_CASE(
    "rows that a constraint would not take when it comes back stop it, and nothing is changed")
{
    if (!is_sqlite()) {
        return;
    }
    Life life(laden, dropping("Sold Items", "once"));
    life.expand();
    life.database.run("INSERT INTO \"Sold Items\" (\"order\", price, parent) VALUES ('d', 5, 1)");
    const std::string rows = life.rows(all_rows);
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    CHECK(error.details.cause == Cause::constraint);
    CHECK(life.rows(all_rows) == rows); // though its conflict clause would leave them out
    life.database.run("DELETE FROM \"Sold Items\" WHERE \"order\" = 'd'");
    life.rollback();
    CHECK(life.state() == State::pending);
}
