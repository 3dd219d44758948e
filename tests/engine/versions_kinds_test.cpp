// Versions of a schema over changes of more than a column: what the new version of the application
// reads and writes by its views is the same before contract and after it.

#include "support/life.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using test::by_engine;

namespace {

bool has_versions()
{
    return test::engine() != Engine::sqlite;
}

class Version {
public:
    Version(const std::string& setup, const std::string& migration)
        : life(setup, "views = true\n" + migration)
    {
        schema_ = by_engine("public", life.database.url().database, "") + "_1.";
        life.expand();
    }

    /// Every "@" stands for the views.
    void write(const std::string& sql) { life.database.run(with_schema(sql)); }

    [[nodiscard]] std::string rows(const std::string& sql) { return life.rows(with_schema(sql)); }

    /// From expand to purge, and back from contract on the way; `rows` is what the query gives.
    void check_through_life(const std::string& query, const std::string& rows)
    {
        life.migrate();
        CHECK(this->rows(query) == rows);
        life.contract();
        CHECK(this->rows(query) == rows);
        life.rollback();
        CHECK(this->rows(query) == rows);
        life.contract();
        life.purge();
        CHECK(this->rows(query) == rows);
    }

    test::Life life;

private:
    [[nodiscard]] std::string with_schema(std::string sql) const
    {
        for (std::size_t at = 0; (at = sql.find('@', at)) != std::string::npos;) {
            sql.replace(at, 1, schema_);
        }
        return sql;
    }

    std::string schema_;
};

const std::string users = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20), theme "
                          "varchar(20), size int NOT NULL DEFAULT 7);"
                          "INSERT INTO users VALUES (1, 'one', 'dark', 8), (2, 'two', NULL, 7);";

} // namespace

TEST_CASE("the views of a split table are two, and what is written by them is in both shapes")
{
    if (!has_versions()) {
        return;
    }
    Version version(users, "[[change]]\nkind = \"split_table\"\ntable = \"users\"\ninto = "
                           "\"settings\"\ncolumns = [\"theme\", \"size\"]\n");
    version.write("INSERT INTO @settings (id, theme) VALUES (2, 'light'); INSERT INTO @users (id, "
                  "name) VALUES (3, 'three'); INSERT INTO @settings (id, size) VALUES (3, 33)");
    CHECK(version.rows("SELECT * FROM users WHERE id > 1 ORDER BY id") ==
          "2|two|light|7|\n3|three|NULL|33|\n");
    CHECK(version.rows("SELECT * FROM @users ORDER BY id") == "1|one|\n2|two|\n3|three|\n");
    version.check_through_life("SELECT u.id, theme, size FROM @users u JOIN @settings s ON s.id = "
                               "u.id ORDER BY u.id",
                               "1|dark|8|\n2|light|7|\n3|NULL|33|\n");
}

TEST_CASE("the view of a merged table has what its part had, and the part has none")
{
    if (!has_versions()) {
        return;
    }
    Version version("CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20));"
                    "CREATE TABLE settings (id bigint PRIMARY KEY, theme varchar(20));"
                    "INSERT INTO users VALUES (1, 'one'), (2, 'two');"
                    "INSERT INTO settings VALUES (1, 'dark');",
                    "[[change]]\nkind = \"merge_tables\"\ntable = \"settings\"\ninto = "
                    "\"users\"\ncolumns = [\"theme\"]\n");
    version.write("UPDATE @users SET theme = 'new' WHERE id = 2; INSERT INTO @users (id, name, "
                  "theme) VALUES (3, 'three', 'light')");
    CHECK(version.rows("SELECT id, theme FROM settings WHERE id > 1 ORDER BY id") ==
          "2|new|\n3|light|\n");
    CHECK_THROWS((void)version.rows("SELECT * FROM @settings"));
    version.check_through_life("SELECT id, name, theme FROM @users ORDER BY id",
                               "1|one|dark|\n2|two|new|\n3|three|light|\n");
}

TEST_CASE("the views show a moved column where it goes, and not where it was")
{
    if (!has_versions()) {
        return;
    }
    Version version("CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(20));"
                    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint UNIQUE, city "
                    "varchar(20));"
                    "INSERT INTO customers VALUES (1, 'one'), (2, 'two');"
                    "INSERT INTO orders VALUES (1, 1, 'Ulm'), (2, 2, NULL);",
                    "[[change]]\nkind = \"move_column\"\ntable = \"orders\"\ncolumn = \"city\"\nto "
                    "= \"customers\"\non = { customer_id = \"id\" }\n");
    version.write("INSERT INTO @customers (id, name, city) VALUES (3, 'three', 'Rom'); INSERT INTO "
                  "@orders (id, customer_id) VALUES (3, 3)");
    CHECK(version.rows("SELECT city FROM orders WHERE id = 3") == "Rom|\n");
    CHECK(version.rows("SELECT * FROM @orders WHERE id = 3") == "3|3|\n");
    version.check_through_life("SELECT id, city FROM @customers ORDER BY id",
                               "1|Ulm|\n2|NULL|\n3|Rom|\n");
}

TEST_CASE("the views of an enumeration have its new values, and its new default")
{
    if (!has_versions()) {
        return;
    }
    Version version(
        by_engine("CREATE TYPE mood AS ENUM ('sad', 'happy');", "", "") +
            "CREATE TABLE t (id bigint PRIMARY KEY, m " +
            by_engine("mood", "enum('sad', 'happy')", "") +
            " NOT NULL DEFAULT 'happy'); INSERT INTO t VALUES (1, 'sad'), (2, 'happy');",
        test::change("change_enum", "column = \"m\"\nvalues = [\"sad\", \"merry\", "
                                    "\"calm\"]\nmap = { happy = \"merry\" }"));
    version.write("INSERT INTO @t (id) VALUES (3); INSERT INTO @t (id, m) VALUES (4, 'merry')");
    CHECK(version.rows("SELECT m FROM t WHERE id > 2") == "happy|\nhappy|\n");
    CHECK_THROWS(
        version.write("INSERT INTO @t (id, m) VALUES (5, 'calm')")); // the old one has none
    version.check_through_life("SELECT id, m FROM @t ORDER BY id",
                               "1|sad|\n2|merry|\n3|merry|\n4|merry|\n");
    version.write("INSERT INTO @t (id) VALUES (5); INSERT INTO @t (id, m) VALUES (6, 'calm')");
    CHECK(version.rows("SELECT id, m FROM t WHERE id > 4 ORDER BY id") == "5|merry|\n6|calm|\n");
}

TEST_CASE("PostgreSQL: the views number a column that becomes an identity, from contract on")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Version version("CREATE TABLE t (id bigserial PRIMARY KEY, a int); INSERT INTO t (a) VALUES "
                    "(1), (2)",
                    test::change("change_column", "column = \"id\"\nidentity = true"));
    version.write("INSERT INTO @t (a) VALUES (3)");
    version.check_through_life("SELECT id, a FROM @t ORDER BY id", "1|1|\n2|2|\n3|3|\n");
    version.write("INSERT INTO @t (a) VALUES (4)");
    CHECK(version.rows("SELECT id FROM t WHERE a = 4") == "4|\n");
}
