// Columns of two tables that are kept in step by triggers, while each is written by its own version
// of the application: a table and its part, from either side.

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

/// "users" (id, name, theme, size, state); size has a default, state is required.
std::string users()
{
    return "CREATE TABLE users (id " + key_type() +
           " PRIMARY KEY, name varchar(40), theme varchar(20), size int NOT NULL DEFAULT 7, state "
           "varchar(10) NOT NULL);"
           "INSERT INTO users VALUES (1, 'one', 'dark', 10, 'a'), (2, 'two', NULL, 7, 'b'), "
           "(3, 'three', '', 7, 'c'), (4, 'é', NULL, 8, 'd'), (5, 'five', 'Dark', 7, 'e');";
}

constexpr const char* split_file = R"toml([[change]]
kind = "split_table"
table = "users"
into = "settings"
columns = ["theme", "size"]
)toml";

constexpr const char* whole_rows = "SELECT id, name, theme, size, state FROM users ORDER BY id";
constexpr const char* part_rows = "SELECT id, theme, size FROM settings ORDER BY id";

class Split {
public:
    Split() : life(users(), split_file) { life.expand(); }

    void run(const std::string& sql) { life.database.run(sql); }

    [[nodiscard]] std::string whole(int id) const
    {
        return life.rows("SELECT theme, size FROM users WHERE id = " + std::to_string(id));
    }

    [[nodiscard]] std::string part(int id) const
    {
        return life.rows("SELECT theme, size FROM settings WHERE id = " + std::to_string(id));
    }

    test::Life life;
};

std::string upsert(const std::string& insert, const std::string& set)
{
    return insert +
           by_engine(" ON CONFLICT (id) DO UPDATE SET ", " ON DUPLICATE KEY UPDATE ",
                     " ON CONFLICT (id) DO UPDATE SET ") +
           set;
}

} // namespace

TEST_CASE("a row that says something is in its part at once, and one that says nothing is not")
{
    Split split;
    split.run("INSERT INTO users (id, name, theme, state) VALUES (10, 'ten', 'dark', 'x')");
    CHECK(split.part(10) == "dark|7|\n");
    split.run("INSERT INTO users (id, name, size, state) VALUES (11, 'eleven', 12, 'x')");
    CHECK(split.part(11) == "NULL|12|\n");
    split.run("INSERT INTO users (id, name, size, theme, state) VALUES (12, 'nothing', 7, NULL, "
              "'x')");
    CHECK(split.part(12).empty());
    split.run(
        "INSERT INTO users (id, name, theme, size, state) SELECT id + 100, name, theme, size, "
        "state FROM users WHERE id IN (10, 11, 12)");
    CHECK(split.life.rows("SELECT id, theme, size FROM settings WHERE id > 100 ORDER BY id") ==
          "110|dark|7|\n111|NULL|12|\n");
}

TEST_CASE("the new application inserts into both tables, or only into the first")
{
    Split split;
    split.run("INSERT INTO users (id, name, state) VALUES (10, 'ten', 'x'); INSERT INTO settings "
              "(id, theme) VALUES (10, 'light')");
    CHECK(split.whole(10) == "light|7|\n");
    CHECK(split.part(10) == "light|7|\n");
    split.run("INSERT INTO users (id, name, state) VALUES (11, 'eleven', 'x')");
    CHECK(split.whole(11) == "NULL|7|\n");
    CHECK(split.part(11).empty());
    split.run("INSERT INTO users (id, name, state) VALUES (12, 'twelve', 'x'); INSERT INTO "
              "settings (id) VALUES (12)");
    CHECK(split.part(12) == "NULL|7|\n");
    split.run("UPDATE users SET theme = 'late' WHERE id = 12");
    CHECK(split.part(12) == "late|7|\n");
}

TEST_CASE("an upsert of a row that is not filled yet keeps what the old application wrote")
{
    Split split;
    split.run(upsert("INSERT INTO settings (id, size) VALUES (1, 99)", "size = 99"));
    CHECK(split.whole(1) == "dark|99|\n");
    CHECK(split.part(1) == "dark|99|\n");
    split.run(upsert("INSERT INTO settings (id, size) VALUES (1, 100)", "size = 100"));
    CHECK(split.whole(1) == "dark|100|\n");
    split.run(upsert(
        "INSERT INTO settings (id, theme) VALUES (1, NULL)",
        by_engine("theme = excluded.theme", "theme = VALUES(theme)", "theme = excluded.theme")));
    CHECK(split.part(1) == "NULL|100|\n");
    CHECK(split.whole(1) == "NULL|100|\n");
    split.run(upsert("INSERT INTO users (id, name, state) VALUES (1, 'no', 'x')", "name = 'yes'"));
    CHECK(split.part(1) == "NULL|100|\n");
}

TEST_CASE("an update of a table or its part changes in the other what it changed, and no more")
{
    Split split;
    split.run("UPDATE users SET theme = 'new' WHERE id = 1"); // not filled yet
    CHECK(split.part(1) == "new|10|\n");
    split.run("UPDATE settings SET size = 11 WHERE id = 1");
    CHECK(split.whole(1) == "new|11|\n");
    split.run("UPDATE users SET name = 'unrelated' WHERE id = 2");
    CHECK(split.part(2).empty());
    split.run("UPDATE users SET theme = 'NEW' WHERE id = 1"); // equal by most collations
    CHECK(split.part(1) == "NEW|11|\n");
    split.run("UPDATE settings SET theme = 'new' WHERE id = 1");
    CHECK(split.whole(1) == "new|11|\n");
    split.run("UPDATE settings SET theme = NULL WHERE id = 1");
    CHECK(split.whole(1) == "NULL|11|\n");
    split.run("UPDATE users SET size = 7 WHERE id = 1");
    CHECK(split.part(1) == "NULL|7|\n");
    split.run("UPDATE users SET size = size + 1, theme = 'all'");
    CHECK(split.life.rows(part_rows) == "1|all|8|\n2|all|8|\n3|all|8|\n4|all|9|\n5|all|8|\n");
    split.run("UPDATE settings SET size = size * 10");
    CHECK(split.life.rows("SELECT id, size FROM users ORDER BY id") ==
          "1|80|\n2|80|\n3|80|\n4|90|\n5|80|\n");
}

TEST_CASE("a deleted row takes its part along, and a deleted part leaves the defaults")
{
    Split split;
    split.life.migrate();
    CHECK(split.life.rows(part_rows) == "1|dark|10|\n3||7|\n4|NULL|8|\n5|Dark|7|\n");
    split.run("DELETE FROM users WHERE id IN (1, 2)");
    CHECK(split.part(1).empty());
    split.run("DELETE FROM settings WHERE id = 4");
    CHECK(split.whole(4) == "NULL|7|\n");
    split.run("DELETE FROM settings");
    CHECK(split.life.rows(whole_rows) == "3|three|NULL|7|c|\n4|é|NULL|7|d|\n5|five|NULL|7|e|\n");
    split.run("DELETE FROM users");
    CHECK(split.life.rows(part_rows).empty());
}

TEST_CASE("a row takes its part with it when its key changes, and a part goes to another row")
{
    Split split;
    split.life.migrate();
    split.run("UPDATE users SET id = 20 WHERE id = 1");
    CHECK(split.part(1).empty());
    CHECK(split.part(20) == "dark|10|\n");
    split.run("UPDATE users SET id = 30, theme = 'moved' WHERE id = 20");
    CHECK(split.part(30) == "moved|10|\n");
    split.run("UPDATE settings SET id = 2 WHERE id = 30");
    CHECK(split.whole(30) == "NULL|7|\n");
    CHECK(split.whole(2) == "moved|10|\n");
    split.run("UPDATE users SET id = 40 WHERE id = 30");
    CHECK(split.part(40).empty());
}

TEST_CASE("a part that goes to a row that is not filled yet keeps what that row says")
{
    Split split;
    split.run("INSERT INTO users (id, name, state) VALUES (10, 'ten', 'x');"
              "INSERT INTO settings (id, size) VALUES (10, 99);"
              "UPDATE settings SET id = 1 WHERE id = 10");
    CHECK(split.whole(1) == "dark|99|\n");
    CHECK(split.part(1) == "dark|99|\n");
    CHECK(split.whole(10) == "NULL|7|\n");
}

TEST_CASE("a replaced row and its part are in step")
{
    if (by_engine("none", "", "") == "none") {
        return;
    }
    Split split;
    split.life.migrate();
    split.run("REPLACE INTO users (id, name, theme, size, state) VALUES (1, 'r', 'replaced', 7, "
              "'x')");
    CHECK(split.part(1) == "replaced|7|\n");
    CHECK(split.whole(1) == "replaced|7|\n");
    split.run("REPLACE INTO settings (id, theme, size) VALUES (1, 'again', 3)");
    CHECK(split.whole(1) == "again|3|\n");
    CHECK(split.part(1) == "again|3|\n");
}

TEST_CASE("a required column is required no more while it is split off, and then again")
{
    test::Life life(users(), R"toml([[change]]
kind = "split_table"
table = "users"
into = "states"
columns = ["state"]
)toml");
    const std::vector<Table> before = life.tables();
    life.expand();
    life.database.run("INSERT INTO users (id, name) VALUES (10, 'ten'); INSERT INTO states (id, "
                      "state) VALUES (10, 'new')");
    CHECK(life.rows("SELECT state FROM users WHERE id = 10") == "new|\n");
    life.database.run("INSERT INTO users (id, name, state) VALUES (11, 'eleven', 'old')");
    CHECK(life.rows("SELECT state FROM states WHERE id = 11") == "old|\n");
    CHECK_THROWS_AS(life.database.run("UPDATE states SET state = NULL WHERE id = 11"), Error);
    life.migrate();
    CHECK(life.rows("SELECT count(*) FROM states") == "7|\n");
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK(life.rows("SELECT state FROM users WHERE id >= 10 ORDER BY id") == "new|\nold|\n");
}

TEST_CASE("a table is split, comes back, and is split for good")
{
    test::live_through({.setup = users() + "CREATE INDEX users_theme ON users (theme, name);",
                        .migration = std::string(split_file) +
                                     "indexes = [{ name = \"settings_size\", columns = [\"size "
                                     "DESC\"] }]\n",
                        .before = whole_rows,
                        .after = "SELECT u.id, name, theme, coalesce(size, 7), state FROM users u "
                                 "LEFT JOIN settings s ON s.id = u.id ORDER BY u.id",
                        .rows_after = {}});
}

TEST_CASE("what is written to a part after contract is there when its columns come back")
{
    Split split;
    split.life.migrate();
    split.life.contract();
    CHECK_THROWS_AS(split.run("UPDATE users SET theme = 'late' WHERE id = 1"), Error);
    split.run("UPDATE settings SET theme = 'after' WHERE id = 1; DELETE FROM settings WHERE id = 4;"
              "INSERT INTO users (id, name, state) VALUES (10, 'ten', 'x');"
              "INSERT INTO settings (id, size) VALUES (10, 10);"
              "INSERT INTO settings (id, size) VALUES (11, 11);"
              "INSERT INTO users (id, name, state) VALUES (11, 'eleven', 'x')");
    CHECK(split.life.rows("SELECT sluice_kept_theme FROM users WHERE id = 1") == "after|\n");
    split.life.rollback();
    CHECK(split.life.rows("SELECT id, theme, size FROM users ORDER BY id") ==
          "1|after|10|\n2|NULL|7|\n3||7|\n4|NULL|7|\n5|Dark|7|\n10|NULL|10|\n11|NULL|11|\n");
    split.run("UPDATE users SET theme = 'old again' WHERE id = 10");
    CHECK(split.part(10) == "old again|10|\n");
    split.life.contract();
    split.life.purge();
    CHECK(split.life.rows("SELECT count(*) FROM settings") == "5|\n");
    split.run("DELETE FROM users WHERE id = 10");
    CHECK(split.part(10) == "old again|10|\n");
}

TEST_CASE("a part's row that is without its own is found before contract")
{
    Split split;
    split.run("INSERT INTO settings (id, theme) VALUES (77, 'lost')");
    CHECK_THROWS_WITH_AS((void)split.life.runner().migrate(split.life.migration()),
                         doctest::Contains("77"), Error);
    split.run("INSERT INTO users (id, name, state) VALUES (77, 'found', 'x')");
    CHECK(split.whole(77) == "lost|7|\n");
    split.life.migrate();
}

TEST_CASE("what a part cannot take is left out of it, and found before contract")
{
    test::Life life(users(), std::string(split_file) + "indexes = [{ name = \"settings_theme\", "
                                                       "columns = [\"theme\"], unique = true }]\n");
    life.expand();
    life.database.run("INSERT INTO users (id, name, theme, state) VALUES (10, 'a', 'same', 'x'), "
                      "(11, 'b', 'same', 'x')");
    CHECK(life.rows("SELECT theme FROM users WHERE id >= 10") == "same|\nsame|\n");
    CHECK(life.rows("SELECT id FROM settings WHERE id >= 10") == "10|\n");
    CHECK_THROWS_AS((void)life.runner().migrate(life.migration()), Error);
}

TEST_CASE("PostgreSQL: rights on the whole are rights on its part, and enough to write both")
{
    if (by_engine("", "mysql", "sqlite") != "") {
        return;
    }
    test::Life life(users(), split_file);
    const std::string role = "sluice_app_" + std::to_string(std::random_device{}());
    life.database.run("CREATE ROLE " + role +
                      "; GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON users TO " + role);
    life.expand();
    Session session = life.database.open();
    session.execute("SET ROLE " + role);
    session.execute("SET search_path = ''");
    session.execute("UPDATE public.users SET theme = 'mine' WHERE id = 2");
    session.execute("UPDATE public.settings SET size = 1 WHERE id = 2");
    session.execute("DELETE FROM public.users WHERE id = 1");
    session.execute("RESET ROLE");
    CHECK(life.rows("SELECT theme, size FROM users WHERE id = 2") == "mine|1|\n");
    session.execute("TRUNCATE public.settings");
    CHECK(life.rows("SELECT theme, size FROM users WHERE id = 2") == "NULL|7|\n");
    session.execute("UPDATE public.users SET theme = 'more'");
    session.execute("TRUNCATE public.users");
    CHECK(life.rows(part_rows).empty());
    life.rollback();
    session.execute("DROP OWNED BY " + role);
    session.execute("DROP ROLE " + role);
}
