// Values that do not fit both ways: a text that is no number, a number that the old type cannot
// hold, rows without a value when NOT NULL comes back.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::change;
using test::error_of;
using test::Life;
using test::table;

namespace {

const std::string all_rows = "SELECT id, a FROM t ORDER BY id";

} // namespace

/// What a refused command says.
std::string refusal(const std::function<void()>& work)
{
    const Error error = error_of(work);
    CHECK(error.kind == ErrorKind::refused);
    return error.message;
}

bool mentions(const std::string& text, const std::string& part)
{
    CAPTURE(text);
    CAPTURE(part);
    return text.find(part) != std::string::npos;
}

const std::string to_bigint = change("change_column", "column = \"a\"\ntype = \"bigint\"");

const std::string texts =
    "INSERT INTO t VALUES (1, '10'), (22, 'abc'), (3, '007'), (4, NULL), (5, '-5'), (66, '')";

std::string text_table()
{
    return table("a varchar(20)") + texts;
}

TEST_CASE("a column changes its meaning with up and down, and everything is brought back")
{
    test::live_through(
        {.setup = table("a decimal(10,2) NOT NULL, b int") +
                  "INSERT INTO t VALUES (1, 12.34, 1), (2, -0.01, 2), (3, 0, NULL), (4, 99, 4)",
         .migration =
             change("change_column", "column = \"a\"\ntype = \"bigint\"\nup = \"a * 100\"\n"
                                     "down = \"a / 100.0\""),
         .before = "SELECT id, a * 100, b FROM t ORDER BY id",
         .after = "SELECT id, a, b FROM t ORDER BY id",
         .rows_after = "1|1234|1|\n2|-1|2|\n3|0|NULL|\n4|9900|4|\n"});
}

TEST_CASE(
    "texts that are no numbers are listed by verify, stay as they are, and keep contract shut")
{
    Life life(text_table(), to_bigint);
    const std::string rows = life.rows(all_rows);
    const std::string message = refusal([&] { (void)life.runner().apply(); });
    CHECK(mentions(message, "22"));
    CHECK(mentions(message, "66"));
    CHECK_FALSE(mentions(message, "[\"3\"]"));
    CHECK(life.state() == State::migrating);
    CHECK(life.rows(all_rows) == rows);
    (void)refusal([&] { (void)life.runner().contract(life.migration()); });

    life.database.run("UPDATE t SET a = '22' WHERE id = 22");
    life.database.run("UPDATE t SET a = NULL WHERE id = 66");
    CHECK(life.runner().apply() == RunEnd::done);
    life.contract();
    CHECK(life.rows(all_rows) == "1|10|\n3|7|\n4|NULL|\n5|-5|\n22|22|\n66|NULL|\n");
    life.rollback();
    CHECK(life.rows(all_rows) == "1|10|\n3|007|\n4|NULL|\n5|-5|\n22|22|\n66|NULL|\n");
}

TEST_CASE("rows outside up_ok are listed by verify, and rolled back with every value they had")
{
    const std::string number = by_engine("a::bigint", "CAST(a AS SIGNED)", "CAST(a AS INTEGER)");
    const std::string text = by_engine("a::text", "CAST(a AS CHAR)", "CAST(a AS TEXT)");
    const std::string is_number = by_engine("a ~ '^-?[0-9]{1,9}$'", "a REGEXP '^-?[0-9]{1,9}$'",
                                            "a <> '' AND ltrim(a, '-') NOT GLOB '*[^0-9]*'");
    Life life(text_table(), to_bigint + "up = \"" + number + "\"\ndown = \"" + text +
                                "\"\nup_ok = \"" + is_number + "\"\n");
    const std::vector<Table> tables = life.tables();
    const std::string rows = life.rows(all_rows);
    const std::string message = refusal([&] { (void)life.runner().apply(); });
    CHECK(mentions(message, "22"));
    CHECK(mentions(message, "66"));
    life.rollback();
    CHECK(life.state() == State::pending);
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(all_rows) == rows);
}

TEST_CASE("an up that says NULL for what is no number lets those rows pass, and undo returns them")
{
    const std::string number = by_engine("a::bigint", "CAST(a AS SIGNED)", "CAST(a AS INTEGER)");
    const std::string text = by_engine("a::text", "CAST(a AS CHAR)", "CAST(a AS TEXT)");
    const std::string is_number = by_engine("a ~ '^-?[0-9]{1,9}$'", "a REGEXP '^-?[0-9]{1,9}$'",
                                            "a <> '' AND ltrim(a, '-') NOT GLOB '*[^0-9]*'");
    test::live_through({.setup = text_table(),
                        .migration = to_bigint + "up = \"CASE WHEN " + is_number + " THEN " +
                                     number + " END\"\ndown = \"" + text + "\"\n",
                        .before = all_rows,
                        .after = all_rows,
                        .rows_after = "1|10|\n3|7|\n4|NULL|\n5|-5|\n22|NULL|\n66|NULL|\n"});
}

TEST_CASE("what the old type cannot hold is NULL after the undo of contract where NULL is allowed")
{
    Life life(table("a int") + "INSERT INTO t VALUES (1, 5), (2, NULL)", to_bigint);
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, a) VALUES (3, 3000000000), (4, 6)");
    life.database.run("UPDATE t SET a = 7 WHERE id = 2");
    // SQLite's integers have one width.
    const std::string third = by_engine("NULL", "NULL", "3000000000");
    life.rollback();
    CHECK(life.rows(all_rows) == "1|5|\n2|7|\n3|" + third + "|\n4|6|\n");
    life.rollback();
    CHECK(life.rows(all_rows) == "1|5|\n2|7|\n3|" + third + "|\n4|6|\n");
}

TEST_CASE("what the old type cannot hold stops the way back to a NOT NULL column, without a change")
{
    Life life(table("a varchar(20) NOT NULL") + "INSERT INTO t VALUES (1, '5'), (2, '6')",
              change("change_column", "column = \"a\"\ntype = \"varchar(40)\"\nup = \"a\"\n"
                                      "down = \"a\"\ndown_ok = \"length(a) < 20\""));
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id, a) VALUES (33, 'a text of more than twenty letters')");
    if (test::engine() == Engine::sqlite) {
        life.rollback(); // there the old column was nullable before contract
    }
    const State state = life.state();
    const std::vector<Table> before = life.tables();
    const Error error = error_of([&] { (void)life.runner().rollback(life.migration()); });
    CHECK(mentions(error.message, "is NULL"));
    CHECK(mentions(error.message, "33"));
    test::check_same_tables(before, life.tables());
    CHECK(life.database.value("SELECT count(*) FROM t") == "3");

    life.database.run("DELETE FROM t WHERE id = 33");
    while (life.state() != State::pending) {
        life.rollback();
    }
    CHECK(state != State::pending);
    test::check_same_tables(tables, life.tables());
    CHECK(life.rows(all_rows) == "1|5|\n2|6|\n");
}
