// Tables that are merged, and columns that move to another table, through the whole life of a
// migration.

#include "sluice/core/error.h"
#include "support/life.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;

namespace {

std::string key_type()
{
    return by_engine("bigint", "bigint", "INTEGER");
}

std::string table(const std::string& name, const std::string& columns)
{
    return "CREATE TABLE " + name + " (id " + key_type() + " PRIMARY KEY, " + columns + ");";
}

/// "users" and its part "settings".
std::string users_and_settings()
{
    return table("users", "name varchar(40)") +
           table("settings", "theme varchar(20), size int NOT NULL DEFAULT 7, state varchar(10) "
                             "NOT NULL, extra int DEFAULT 3") +
           "INSERT INTO users VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'é');"
           "INSERT INTO settings VALUES (1, 'dark', 10, 'a', 1), (2, NULL, 7, 'b', 2), "
           "(4, 'é', 4, '', NULL);";
}

constexpr const char* merge_file = R"toml([[change]]
kind = "merge_tables"
table = "settings"
into = "users"
columns = ["theme", "size", "state"]
)toml";

class Merge {
public:
    Merge() : life(users_and_settings(), merge_file) { life.expand(); }

    void run(const std::string& sql) { life.database.run(sql); }

    [[nodiscard]] std::string whole(int id) const
    {
        return life.rows("SELECT theme, size, state FROM users WHERE id = " + std::to_string(id));
    }

    [[nodiscard]] std::string part(int id) const
    {
        return life.rows("SELECT theme, size, state, extra FROM settings WHERE id = " +
                         std::to_string(id));
    }

    test::Life life;
};

/// "customers" and the "orders" that lead to them; of one customer, the orders are in one city.
std::string customers_and_orders(const std::string& rest = "")
{
    return table("customers", "name varchar(40)") +
           table("orders", "customer_id " + key_type() + rest + ", city varchar(20), note int") +
           "INSERT INTO customers VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four');"
           "INSERT INTO orders VALUES (10, 1, 'Bonn', 1), (20, 2, NULL, 2), (30, 3, 'Ulm', 3), "
           "(40, NULL, NULL, 4);";
}

constexpr const char* move_file = R"toml([[change]]
kind = "move_column"
table = "orders"
column = "city"
to = "customers"
as = "town"
on = { customer_id = "id" }
)toml";

class Move {
public:
    explicit Move(const std::string& setup) : life(setup, move_file) { life.expand(); }

    void run(const std::string& sql) { life.database.run(sql); }

    [[nodiscard]] std::string city(int order) const
    {
        return life.rows("SELECT city FROM orders WHERE id = " + std::to_string(order));
    }

    [[nodiscard]] std::string town(int customer) const
    {
        return life.rows("SELECT town FROM customers WHERE id = " + std::to_string(customer));
    }

    test::Life life;
};

std::string one_to_one()
{
    return customers_and_orders(" UNIQUE");
}

std::string many_to_one()
{
    return customers_and_orders() + "CREATE INDEX orders_customer ON orders (customer_id);";
}

bool is_mysql()
{
    return by_engine("", "mysql", "") == "mysql";
}

} // namespace

TEST_CASE("tables are merged, come back, and are merged for good")
{
    test::live_through(
        {.setup = users_and_settings(),
         .migration = merge_file,
         .before = "SELECT u.id, name, s.theme, coalesce(s.size, 7), s.state FROM users u LEFT "
                   "JOIN settings s ON s.id = u.id ORDER BY u.id",
         .after = "SELECT id, name, theme, size, state FROM users ORDER BY id",
         .rows_after = {}});
}

TEST_CASE("a part and the table that it is merged into are in step until contract")
{
    Merge merge;
    merge.run("UPDATE users SET theme = 'new' WHERE id = 1"); // not filled yet
    CHECK(merge.part(1) == "new|10|a|1|\n");
    merge.life.migrate();
    CHECK(merge.whole(1) == "new|10|a|\n");
    CHECK(merge.whole(3) == "NULL|7|NULL|\n");
    merge.run("INSERT INTO users (id, name, theme) VALUES (10, 'ten', 'x')");
    CHECK(merge.part(10) == "x|7|NULL|3|\n");
    merge.run("INSERT INTO users (id, name) VALUES (11, 'eleven'); INSERT INTO settings (id, "
              "theme, state) VALUES (11, 'y', 's')");
    CHECK(merge.whole(11) == "y|7|s|\n");
    merge.run("UPDATE settings SET size = 1, extra = 5 WHERE id = 11");
    CHECK(merge.whole(11) == "y|1|s|\n");
    merge.run("UPDATE users SET state = 'z' WHERE id = 11");
    CHECK(merge.part(11) == "y|1|z|5|\n");
    merge.run("DELETE FROM settings WHERE id = 11");
    CHECK(merge.whole(11) == "NULL|7|NULL|\n");
    merge.run("DELETE FROM users WHERE id = 10");
    CHECK(merge.part(10).empty());
    merge.run("UPDATE users SET id = 20 WHERE id = 1");
    CHECK(merge.part(20) == "new|10|a|1|\n");
}

TEST_CASE("a row that is not filled yet keeps what its part says when its key changes")
{
    Merge merge;
    merge.run("UPDATE users SET id = 20 WHERE id = 1");
    CHECK(merge.whole(20) == "dark|10|a|\n");
    CHECK(merge.part(20) == "dark|10|a|1|\n");
    merge.run("UPDATE users SET id = 40, theme = 'new' WHERE id = 4");
    CHECK(merge.whole(40) == "new|4||\n");
    CHECK(merge.part(40) == "new|4||NULL|\n");
    merge.run("UPDATE users SET id = 30 WHERE id = 3");
    CHECK(merge.part(30).empty());
    merge.run("UPDATE settings SET id = 30 WHERE id = 2");
    CHECK(merge.whole(2) == "NULL|7|NULL|\n");
    CHECK(merge.whole(30) == "NULL|7|b|\n");
}

TEST_CASE("what is written after tables were merged is in the part when that comes back")
{
    Merge merge;
    merge.life.migrate();
    merge.life.contract();
    CHECK_THROWS_AS(merge.run("UPDATE settings SET theme = 'late'"), Error);
    merge.run("UPDATE users SET theme = 'after' WHERE id IN (1, 3); DELETE FROM users WHERE id = 2;"
              "INSERT INTO users (id, name, size) VALUES (10, 'ten', 1)");
    merge.life.rollback();
    CHECK(merge.life.rows("SELECT id, theme, size, extra FROM settings ORDER BY id") ==
          "1|after|10|1|\n3|after|7|3|\n4|é|4|NULL|\n10|NULL|1|3|\n");
    merge.run("UPDATE settings SET theme = 'old again' WHERE id = 10");
    CHECK(merge.whole(10) == "old again|1|NULL|\n");
    merge.life.contract();
    merge.life.purge();
    CHECK(merge.life.rows("SELECT id, theme, size FROM users ORDER BY id") ==
          "1|after|10|\n3|after|7|\n4|é|4|\n10|old again|1|\n");
}

TEST_CASE("tables with other keys are merged by the columns that are named")
{
    const std::string setup =
        table("users", "name varchar(40)") +
        table("settings", "user_id " + key_type() + " NOT NULL UNIQUE, theme varchar(20)") +
        "INSERT INTO users VALUES (1, 'one'), (2, 'two');"
        "INSERT INTO settings VALUES (7, 1, 'dark');";
    const std::string file = "[[change]]\nkind = \"merge_tables\"\ntable = \"settings\"\ninto = "
                             "\"users\"\ncolumns = [\"theme\"]\non = { user_id = \"id\" }\n";
    if (by_engine("", "", "sqlite").empty()) { // there a key of that type numbers itself
        test::Life life(setup, file);
        CHECK_THROWS_WITH_AS((void)life.runner().expand(life.migration()),
                             doctest::Contains("is NOT NULL and has no default"), Error);
        return;
    }
    test::live_through({.setup = setup,
                        .migration = file,
                        .before =
                            "SELECT u.id, s.theme FROM users u LEFT JOIN settings s ON user_id "
                            "= u.id ORDER BY u.id",
                        .after = "SELECT id, theme FROM users ORDER BY id",
                        .rows_after = {}});
    test::Life life(setup, file);
    life.expand();
    life.database.run("UPDATE users SET theme = 'light' WHERE id = 2");
    CHECK(life.rows("SELECT theme FROM settings WHERE user_id = 2") == "light|\n");
}

TEST_CASE("a column moves to the table that a key leads to, comes back, and moves for good")
{
    for (const std::string& setup : {one_to_one(), many_to_one()}) {
        if (is_mysql() && setup == many_to_one()) {
            continue; // refused there
        }
        test::live_through({.setup = setup,
                            .migration = move_file,
                            .before = "SELECT id, customer_id, city, note FROM orders ORDER BY id",
                            .after = "SELECT o.id, customer_id, town, note FROM orders o LEFT JOIN "
                                     "customers c ON c.id = customer_id ORDER BY o.id",
                            .rows_after = {}});
    }
}

TEST_CASE("a column that moves is in step in both tables until contract")
{
    for (const std::string& setup : {one_to_one(), many_to_one()}) {
        if (is_mysql() && setup == many_to_one()) {
            continue;
        }
        CAPTURE(setup);
        Move move(setup);
        move.run("UPDATE orders SET city = 'Bern' WHERE id = 10"); // not filled yet
        CHECK(move.town(1) == "Bern|\n");
        move.life.migrate();
        CHECK(move.town(3) == "Ulm|\n");
        move.run("UPDATE customers SET town = 'Rom' WHERE id = 3");
        CHECK(move.city(30) == "Rom|\n");
        move.run("UPDATE customers SET town = NULL WHERE id = 3");
        CHECK(move.city(30) == "NULL|\n");
        move.run("INSERT INTO orders (id, customer_id, city) VALUES (50, 4, 'Genf')");
        CHECK(move.town(4) == "Genf|\n");
        move.run("INSERT INTO customers (id, town) VALUES (5, 'Oslo'); INSERT INTO orders (id, "
                 "customer_id) VALUES (60, 5)");
        CHECK(move.city(60) == "Oslo|\n");
        move.run("INSERT INTO customers (id) VALUES (6)");
        move.run("UPDATE orders SET customer_id = 6 WHERE id = 60"); // it says nothing yet
        CHECK(move.town(6) == "Oslo|\n");
        CHECK(move.town(5) == "Oslo|\n");
        move.run("DELETE FROM orders WHERE id = 50; UPDATE orders SET customer_id = 4 WHERE id = "
                 "10");
        CHECK(move.city(10) == "Genf|\n");
        CHECK(move.town(1) == "Bern|\n");
        move.run("DELETE FROM customers WHERE id = 6");
        CHECK(move.city(60) == "Oslo|\n");
        move.run("INSERT INTO customers (id) VALUES (6)");
        CHECK(move.town(6) == "Oslo|\n");
    }
}

TEST_CASE("a value that is written to one of several rows is written to all that lead to one row")
{
    if (is_mysql()) {
        test::Life life(many_to_one(), move_file);
        CHECK_THROWS_WITH_AS((void)life.runner().expand(life.migration()),
                             doctest::Contains("may lead to one of"), Error);
        return;
    }
    Move move(many_to_one());
    move.life.migrate();
    move.run("INSERT INTO orders (id, customer_id) VALUES (11, 1), (12, 1)");
    CHECK(move.city(12) == "Bonn|\n");
    move.run("UPDATE orders SET city = 'Basel' WHERE id = 11");
    CHECK(move.town(1) == "Basel|\n");
    CHECK(move.city(10) == "Basel|\n");
    CHECK(move.city(12) == "Basel|\n");
    move.run("UPDATE customers SET town = 'Graz' WHERE id = 1");
    CHECK(move.city(11) == "Graz|\n");
    move.run("UPDATE orders SET city = 'x' || id WHERE customer_id = 1");
    CHECK(move.life.rows("SELECT count(DISTINCT city), count(*) FROM orders WHERE customer_id = "
                         "1") == "1|3|\n");
    CHECK(move.town(1) == move.city(10));
}

TEST_CASE("rows that disagree from before are left as they are, and contract is refused")
{
    if (is_mysql()) {
        return;
    }
    Move move(many_to_one() + "INSERT INTO orders VALUES (11, 1, 'Basel', 5), (21, 2, 'Linz', 6);");
    CHECK_THROWS_WITH_AS((void)move.life.runner().migrate(move.life.migration()),
                         doctest::Contains("11"), Error);
    CHECK(move.town(1) == "NULL|\n");
    CHECK(move.city(10) == "Bonn|\n");
    CHECK(move.city(11) == "Basel|\n");
    CHECK(move.city(20) == "NULL|\n");
    move.run("UPDATE orders SET city = 'Köln' WHERE id = 11; UPDATE orders SET city = 'Wien' WHERE "
             "id = 21");
    CHECK(move.city(10) == "Köln|\n");
    CHECK(move.town(2) == "Wien|\n");
    move.life.migrate();
    move.life.contract();
}

TEST_CASE("a value that would be lost because nothing leads anywhere is found before contract")
{
    Move move(one_to_one() + "INSERT INTO orders VALUES (70, NULL, 'Lost', 7);");
    CHECK_THROWS_WITH_AS((void)move.life.runner().migrate(move.life.migration()),
                         doctest::Contains("70"), Error);
    move.run("UPDATE orders SET customer_id = 4 WHERE id = 70");
    CHECK(move.town(4) == "Lost|\n");
    move.life.migrate();
}

TEST_CASE("what is written to a moved column after contract is there when it comes back")
{
    Move move(one_to_one());
    move.life.migrate();
    move.life.contract();
    CHECK_THROWS_AS(move.run("UPDATE orders SET city = 'late'"), Error);
    move.run("UPDATE customers SET town = 'Rom' WHERE id = 1; INSERT INTO customers (id, town) "
             "VALUES (5, 'Oslo'); INSERT INTO orders (id, customer_id) VALUES (50, 5); "
             "UPDATE customers SET town = 'Prag' WHERE id = 4; UPDATE orders SET customer_id = 4 "
             "WHERE id = 20");
    move.life.rollback();
    CHECK(move.city(10) == "Rom|\n");
    CHECK(move.city(50) == "Oslo|\n");
    CHECK(move.city(20) == "Prag|\n");
    move.life.contract();
    move.life.purge();
    CHECK(move.town(5) == "Oslo|\n");
}
