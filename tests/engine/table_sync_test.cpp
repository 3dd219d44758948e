// Two tables that are kept in step by triggers, while each is written by its own version of the
// application: every kind of write, in both directions.

#include "sluice/core/error.h"
#include "support/life.h"

#include <doctest/doctest.h>

#include <random>

using namespace sluice;
using test::by_engine;

namespace {

std::string key_type()
{
    return by_engine("bigint", "bigint", "INTEGER");
}

/// "old" (id, a, n, extra) and its rows 1 to 5.
std::string old_table()
{
    return "CREATE TABLE olds (id " + key_type() +
           " PRIMARY KEY, a varchar(40), n varchar(20), extra int DEFAULT 3);"
           "INSERT INTO olds VALUES (1, 'a1', '007', 1), (2, NULL, '2', NULL), (3, '', NULL, 3), "
           "(4, 'é', '-4', 4), (5, 'x', '50', 5)";
}

/// `words` is `a` under another name; `size` is `n` as a number, which loses how it was written;
/// `mark` is the new application's own.
std::string successor()
{
    return R"toml([[change]]
kind = "copy_table"
table = "olds"
to = "news"
primary_key = ["id"]
columns = [
  { name = "id", type = ")toml" +
           key_type() + R"toml(" },
  { name = "words", type = "varchar(40)", value = "a" },
  { name = "size", type = ")toml" +
           by_engine("integer", "int", "INTEGER") + R"toml(", value = "n" },
  { name = "mark", type = "varchar(10)", default = "'none'" },
]
)toml";
}

constexpr const char* all_old = "SELECT id, a, n, extra FROM olds ORDER BY id";
constexpr const char* all_new = "SELECT id, words, size, mark FROM news ORDER BY id";

class Pair {
public:
    Pair() : life(old_table(), successor()) { life.expand(); }

    void run(const std::string& sql) { life.database.run(sql); }

    [[nodiscard]] std::string old_row(int id) const
    {
        return life.rows("SELECT a, n, extra FROM olds WHERE id = " + std::to_string(id));
    }

    [[nodiscard]] std::string new_row(int id) const
    {
        return life.rows("SELECT words, size, mark FROM news WHERE id = " + std::to_string(id));
    }

    test::Life life;
};

} // namespace

TEST_CASE("a row that is inserted into one of two tables in step is in the other at once")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', '10')");
    CHECK(pair.new_row(10) == "ten|10|none|\n");
    CHECK(pair.old_row(10) == "ten|10|3|\n");
    pair.run("INSERT INTO news (id, words, size) VALUES (11, 'eleven', 11)");
    CHECK(pair.old_row(11) == "eleven|11|3|\n");
    CHECK(pair.new_row(11) == "eleven|11|none|\n");
    pair.run("INSERT INTO olds (id, a, n) SELECT id + 100, a, n FROM olds WHERE id IN (10, 11)");
    CHECK(pair.new_row(110) == "ten|10|none|\n");
    CHECK(pair.new_row(111) == "eleven|11|none|\n");
    pair.run(
        "INSERT INTO news (id, words) SELECT id + 100, words FROM news WHERE id IN (110, 111)");
    CHECK(pair.old_row(210) == "ten|NULL|3|\n");
    CHECK(pair.old_row(211) == "eleven|NULL|3|\n");
}

TEST_CASE(
    "an update of one of two tables in step changes in the other what it changed, and no more")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', '007')");
    pair.run("UPDATE news SET mark = 'mine' WHERE id = 10");
    CHECK(pair.old_row(10) == "ten|007|3|\n");
    pair.run("UPDATE olds SET extra = 9 WHERE id = 10");
    pair.run("UPDATE olds SET a = 'TEN' WHERE id = 10");
    CHECK(pair.new_row(10) == "TEN|7|mine|\n");
    CHECK(pair.old_row(10) == "TEN|007|9|\n");
    pair.run("UPDATE news SET words = 'x' WHERE id = 10");
    CHECK(pair.old_row(10) == "x|007|9|\n");
    pair.run("UPDATE news SET size = 8 WHERE id = 10");
    CHECK(pair.old_row(10) == "x|8|9|\n");
    pair.run("UPDATE olds SET a = NULL, n = NULL WHERE id = 10");
    CHECK(pair.new_row(10) == "NULL|NULL|mine|\n");
    CHECK(pair.old_row(10) == "NULL|NULL|9|\n");
}

TEST_CASE("a delete in one of two tables in step is one in the other")
{
    Pair pair;
    pair.life.migrate();
    pair.run("DELETE FROM olds WHERE id = 1");
    CHECK(pair.new_row(1).empty());
    pair.run("DELETE FROM news WHERE id IN (2, 3)");
    CHECK(pair.old_row(2).empty());
    CHECK(pair.old_row(3).empty());
    pair.run("DELETE FROM olds");
    CHECK(pair.life.rows(all_new).empty());
}

TEST_CASE("a row takes its other half with it when its key changes")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', '007')");
    pair.run("UPDATE news SET mark = 'mine' WHERE id = 10");
    pair.run("UPDATE olds SET id = 20 WHERE id = 10");
    CHECK(pair.new_row(10).empty());
    CHECK(pair.new_row(20) == "ten|7|mine|\n");
    pair.run("UPDATE news SET id = 30, words = 'moved' WHERE id = 20");
    CHECK(pair.old_row(20).empty());
    CHECK(pair.old_row(30) == "moved|007|3|\n");
    CHECK(pair.new_row(30) == "moved|7|mine|\n");
    pair.run("UPDATE olds SET id = 40 WHERE id = 1"); // not copied yet
    CHECK(pair.new_row(40) == "a1|7|none|\n");
}

TEST_CASE("upserts and replacements reach the other of two tables in step")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', '10')");
    const std::string tail =
        by_engine("ON CONFLICT (id) DO UPDATE SET ", "ON DUPLICATE KEY UPDATE ",
                  "ON CONFLICT (id) DO UPDATE SET ");
    pair.run("INSERT INTO olds (id, a) VALUES (10, 'no') " + tail + "a = 'upserted'");
    CHECK(pair.new_row(10) == "upserted|10|none|\n");
    pair.run("INSERT INTO news (id, words) VALUES (10, 'no') " + tail + "words = 'again'");
    CHECK(pair.old_row(10) == "again|10|3|\n");
    if (by_engine("none", "", "").empty()) {
        pair.run("REPLACE INTO olds (id, a, n) VALUES (10, 'replaced', '11')");
        CHECK(pair.new_row(10).substr(0, 12) == "replaced|11|");
    }
    if (by_engine("none", "", "none").empty()) {
        pair.run("REPLACE INTO news (id, words, size) VALUES (10, 'back', 12)");
        CHECK(pair.old_row(10).substr(0, 8) == "back|12|");
        CHECK(pair.new_row(10) == "back|12|none|\n");
    }
}

TEST_CASE("a value that the other table cannot hold is NULL there, and the write goes on")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', 'abc')");
    CHECK(pair.new_row(10) == "ten|NULL|none|\n");
    CHECK(pair.old_row(10) == "ten|abc|3|\n");
    pair.run("UPDATE olds SET n = '12' WHERE id = 10");
    CHECK(pair.new_row(10) == "ten|12|none|\n");
    pair.run("UPDATE olds SET n = 'x' WHERE id = 10");
    CHECK(pair.new_row(10) == "ten|NULL|none|\n");
    CHECK(pair.old_row(10) == "ten|x|3|\n");
}

TEST_CASE("a value that was left out is found before contract")
{
    Pair pair;
    pair.run("INSERT INTO olds (id, a, n) VALUES (10, 'ten', 'abc')");
    CHECK_THROWS_WITH_AS((void)pair.life.runner().migrate(pair.life.migration()),
                         doctest::Contains("10"), Error);
}

TEST_CASE("a table lives through its succession, there and back and there again")
{
    test::live_through({.setup = old_table(),
                        .migration = successor(),
                        .before = all_old,
                        .after = all_new,
                        .rows_after = "1|a1|7|none|\n2|NULL|2|none|\n3||NULL|none|\n"
                                      "4|é|-4|none|\n5|x|50|none|\n"});
}

TEST_CASE("what the new application writes after contract is there when the old table comes back")
{
    Pair pair;
    pair.life.migrate();
    pair.life.contract();
    CHECK_THROWS_AS(pair.run("UPDATE olds SET a = 'late' WHERE id = 1"), Error);
    pair.run("UPDATE news SET words = 'after', size = 70 WHERE id = 1; DELETE FROM news WHERE id = "
             "2; INSERT INTO news (id, words, size) VALUES (10, 'ten', 10); UPDATE news SET id = "
             "30 WHERE id = 3");
    pair.life.rollback();
    CHECK(pair.life.rows(all_old) ==
          "1|after|70|1|\n4|é|-4|4|\n5|x|50|5|\n10|ten|10|3|\n30||NULL|3|\n");
    pair.run("UPDATE olds SET a = 'old again' WHERE id = 10");
    CHECK(pair.new_row(10) == "old again|10|none|\n");
    pair.life.contract();
    pair.life.purge();
    CHECK(pair.life.rows("SELECT id FROM news ORDER BY id") == "1|\n4|\n5|\n10|\n30|\n");
}

TEST_CASE("a new row with the key of an old one that is not copied yet is a duplicate")
{
    Pair pair;
    CHECK_THROWS_AS(pair.run("INSERT INTO news (id, words) VALUES (1, 'other')"), Error);
    CHECK(pair.old_row(1) == "a1|007|1|\n");
    CHECK(pair.new_row(1).empty());
}

TEST_CASE("two tables in step never give one number to two rows, and number on after purge")
{
    const std::string setup =
        "CREATE TABLE olds (id " +
        by_engine("bigint GENERATED BY DEFAULT AS IDENTITY", "bigint AUTO_INCREMENT", "INTEGER") +
        " PRIMARY KEY, a varchar(40)); INSERT INTO olds (a) VALUES ('one'), ('two'), ('three')";
    test::Life life(setup, R"toml([[change]]
kind = "copy_table"
table = "olds"
to = "news"
primary_key = ["id"]
columns = [
  { name = "id", type = "bigint", identity = true },
  { name = "words", type = "varchar(40)", value = "a" },
]
)toml");
    const std::vector<Table> before = life.tables();
    life.expand();
    life.rollback();
    test::check_same_tables(before, life.tables());
    life.expand();
    life.database.run("INSERT INTO news (words) VALUES ('four'); INSERT INTO olds (a) VALUES "
                      "('five'); INSERT INTO news (words) VALUES ('six')");
    life.migrate();
    const std::string rows = "1|one|\n2|two|\n3|three|\n4|four|\n5|five|\n6|six|\n";
    CHECK(life.rows("SELECT id, a FROM olds ORDER BY id") == rows);
    CHECK(life.rows("SELECT id, words FROM news ORDER BY id") == rows);
    life.contract();
    life.database.run("INSERT INTO news (words) VALUES ('seven')");
    life.purge();
    life.database.run("INSERT INTO news (words) VALUES ('eight')");
    CHECK(life.rows("SELECT id, words FROM news ORDER BY id") == rows + "7|seven|\n8|eight|\n");
}

TEST_CASE("PostgreSQL: rights on the old table are rights on the new one, and enough to write both")
{
    if (by_engine("", "mysql", "sqlite") != "") {
        return;
    }
    test::Life life(old_table(), successor());
    const std::string role = "sluice_app_" + std::to_string(std::random_device{}());
    life.database.run("CREATE ROLE " + role + "; GRANT SELECT, INSERT, UPDATE, DELETE ON olds TO " +
                      role);
    life.expand();
    Session session = life.database.open();
    session.execute("SET ROLE " + role);
    session.execute("INSERT INTO olds (id, a) VALUES (10, 'ten')");
    session.execute("UPDATE news SET words = 'TEN' WHERE id = 10");
    session.execute("DELETE FROM olds WHERE id = 1");
    session.execute("RESET ROLE");
    CHECK(life.rows("SELECT a FROM olds WHERE id = 10") == "TEN|\n");
    life.rollback();
    session.execute("DROP OWNED BY " + role);
    session.execute("DROP ROLE " + role);
}
