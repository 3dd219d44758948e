// Checks, foreign keys and UNIQUE come, go and are called otherwise: the whole life of each, and
// rows that do not keep to them.

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

const std::string rows_of_t = "SELECT id, a, b FROM t ORDER BY id";

std::string numbers()
{
    return table("a int, b int") + "INSERT INTO t VALUES (1, 5, 1), (2, NULL, 2), (3, 0, NULL);";
}

std::string parents()
{
    return "CREATE TABLE parent (id int NOT NULL PRIMARY KEY, code int NOT NULL UNIQUE);"
           "INSERT INTO parent VALUES (1, 10), (2, 20);" +
           numbers();
}

const std::string positive = "name = \"t_a\"\ncheck = \"a >= 0\"\n";
const std::string to_parent = "name = \"t_parent\"\ncolumns = [\"b\"]\nreferences = \"parent\"\n";

/// The constraint's own words, where the engine lets it be named in a table's definition.
std::string with_rules()
{
    return "CREATE TABLE parent (id int NOT NULL PRIMARY KEY);INSERT INTO parent VALUES (1), (2);"
           "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int, "
           "CONSTRAINT t_a CHECK (a >= 0), "
           "CONSTRAINT t_once UNIQUE (a), CONSTRAINT t_pair UNIQUE (a, b), "
           "CONSTRAINT t_parent FOREIGN KEY (b) REFERENCES parent (id) ON DELETE CASCADE);"
           "INSERT INTO t VALUES (1, 5, 1), (2, NULL, 2), (3, 0, NULL);";
}

bool is_mysql()
{
    return test::engine() == Engine::mysql;
}

/// What a client meets that writes this.
Cause cause_of(const Life& life, const std::string& sql)
{
    return test::error_of([&] { life.database.run(sql); }).details.cause;
}

} // namespace

TEST_CASE("a check is added under writers, taken back, and added for good")
{
    if (is_mysql()) {
        Life life(numbers(), change("add_check", positive));
        const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("copying the whole table") != std::string::npos);
        return;
    }
    test::live_through({.setup = numbers(),
                        .migration = change("add_check", positive),
                        .before = rows_of_t,
                        .after = rows_of_t});
}

TEST_CASE("rows that break a new check are named while nothing forbids them yet")
{
    if (is_mysql()) {
        return; // refused: see above
    }
    Life life(numbers() + "INSERT INTO t VALUES (7, -1, 1)", change("add_check", positive));
    life.expand();
    const Error error = test::error_of([&] { (void)life.runner().migrate(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("7") != std::string::npos);
    life.database.run("INSERT INTO t VALUES (8, -1, 1)");
    life.database.run("UPDATE t SET a = 1 WHERE a < 0");
    life.migrate();
    life.contract();
    CHECK(cause_of(life, "INSERT INTO t VALUES (9, -1, 1)") == Cause::constraint);
    life.database.run("INSERT INTO t VALUES (9, NULL, 1)");
}

TEST_CASE("a row that breaks a check just before contract stops it before anything shows")
{
    if (is_mysql()) {
        return; // refused: see above
    }
    Life life(numbers(), change("add_check", positive));
    life.expand();
    life.migrate();
    life.database.run("INSERT INTO t VALUES (7, -1, 1)");
    const Error error = test::error_of([&] { (void)life.runner().contract(life.migration()); });
    CHECK(error.message.find("t_a") != std::string::npos);
    life.database.run("UPDATE t SET a = 1 WHERE id = 7");
    life.contract();
    CHECK(life.state() == State::contracted);
}

TEST_CASE("a foreign key is added under writers, taken back, and added for good")
{
    for (const std::string& rules : {std::string(), std::string("on_delete = \"CASCADE\"\n"),
                                     std::string("referenced_columns = [\"id\"]\n")}) {
        CAPTURE(rules);
        test::live_through({.setup = parents(),
                            .migration = change("add_foreign_key", to_parent + rules),
                            .before = rows_of_t,
                            .after = rows_of_t});
    }
}

TEST_CASE("a foreign key holds what is written from contract on, whether or not rows were read")
{
    Life life(parents(), change("add_foreign_key", to_parent + "on_delete = \"CASCADE\"\n"));
    life.expand();
    life.database.run("INSERT INTO t VALUES (7, 1, 77)");
    const Error error = test::error_of([&] { (void)life.runner().migrate(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("7") != std::string::npos);
    life.database.run("UPDATE t SET b = 2 WHERE id = 7");
    life.migrate();
    life.database.run("INSERT INTO t VALUES (8, 1, 88)");
    const Error late = test::error_of([&] { (void)life.runner().contract(life.migration()); });
    CHECK(late.message.find("8") != std::string::npos);
    life.database.run("UPDATE t SET b = 2 WHERE id = 8");
    life.contract();
    if (test::engine() != Engine::sqlite) { // there each connection asks for it by itself
        CHECK(cause_of(life, "INSERT INTO t VALUES (9, 1, 99)") == Cause::constraint);
        life.database.run("DELETE FROM parent WHERE id = 2");
        CHECK(life.rows("SELECT id FROM t WHERE b = 2") == "");
    }
}

TEST_CASE("a foreign key may refer to its own table, and to a UNIQUE")
{
    test::live_through(
        {.setup = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int);"
                  "INSERT INTO t VALUES (1, 5, 1), (2, NULL, 1), (3, 0, NULL);",
         .migration =
             change("add_foreign_key", "name = \"t_own\"\ncolumns = [\"b\"]\nreferences = \"t\"\n"),
         .before = rows_of_t,
         .after = rows_of_t});
    test::live_through(
        {.setup = parents() + "UPDATE t SET b = 20",
         .migration = change("add_foreign_key", to_parent + "referenced_columns = [\"code\"]\n"),
         .before = rows_of_t,
         .after = rows_of_t});
}

TEST_CASE("a foreign key that cannot be is refused before anything happens")
{
    const auto problem = [](const std::string& setup, const std::string& rest) {
        Life life(setup, change("add_foreign_key", rest));
        return test::error_of([&] { (void)life.runner().expand(life.migration()); }).message;
    };
    CHECK(problem(parents(), to_parent + "on_delete = \"DESTROY\"\n").find("is no rule") !=
          std::string::npos);
    CHECK(problem(parents() + "ALTER TABLE parent ADD COLUMN n int;",
                  to_parent + "referenced_columns = [\"n\"]\n")
              .find("need not be unique") != std::string::npos);
    CHECK(problem(parents() + "ALTER TABLE t ADD COLUMN c varchar(20);",
                  "name = \"t_parent\"\ncolumns = [\"c\"]\nreferences = \"parent\"\n")
              .find("\"id\" of") != std::string::npos);
    CHECK(problem(parents(), "name = \"t_parent\"\ncolumns = [\"b\"]\nreferences = \"parents\"\n")
              .find("parents") != std::string::npos);
}

TEST_CASE("a UNIQUE is built under writers, taken back, and built for good")
{
    test::live_through(
        {.setup = numbers(),
         .migration = change("add_unique", "name = \"t_unique\"\ncolumns = [\"a\", \"b\"]\n"),
         .before = rows_of_t,
         .after = rows_of_t});
}

TEST_CASE("two rows alike stop contract, and a UNIQUE comes once they differ")
{
    Life life(numbers() + "INSERT INTO t VALUES (7, 5, 1)",
              change("add_unique", "name = \"t_unique\"\ncolumns = [\"a\"]\n"));
    life.expand();
    life.migrate();
    const Error error = test::error_of([&] { (void)life.runner().contract(life.migration()); });
    CHECK(error.details.cause == Cause::constraint);
    life.database.run("UPDATE t SET a = 6 WHERE id = 7");
    life.contract();
    CHECK(cause_of(life, "INSERT INTO t VALUES (8, 6, 1)") == Cause::constraint);
}

TEST_CASE("constraints are dropped and come back, each as it was")
{
    for (const std::string name : {"t_parent", "t_a", "t_once", "t_pair"}) {
        CAPTURE(name);
        const std::string migration = change("drop_constraint", "name = \"" + name + "\"\n");
        if (is_mysql() && name == "t_a") {
            Life life(with_rules(), migration);
            CHECK(test::error_of([&] { (void)life.runner().expand(life.migration()); }).kind ==
                  ErrorKind::refused);
            continue;
        }
        test::live_through({.setup = with_rules(),
                            .migration = migration,
                            .before = rows_of_t,
                            .after = rows_of_t});
    }
}

TEST_CASE("rows that break a dropped rule stop it from coming back, and nothing is changed")
{
    Life life(with_rules(), change("drop_constraint", "name = \"t_parent\"\n"));
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.database.run("INSERT INTO t VALUES (77, 1, 99)");
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    CHECK(error.message.find("77") != std::string::npos);
    life.database.run("DELETE FROM t WHERE id = 77");
    life.rollback();
    CHECK(life.state() == State::pending);
    test::check_same_tables(tables, life.tables());
}

TEST_CASE("constraints are called otherwise, and as before again")
{
    for (const std::string name : {"t_parent", "t_a", "t_once", "t_pair"}) {
        CAPTURE(name);
        const std::string migration =
            change("rename_constraint", "from = \"" + name + "\"\nto = \"t_other\"\n");
        if (is_mysql() && name == "t_a") {
            Life life(with_rules(), migration);
            CHECK(test::error_of([&] { (void)life.runner().expand(life.migration()); }).kind ==
                  ErrorKind::refused);
            continue;
        }
        test::live_through({.setup = with_rules(),
                            .migration = migration,
                            .before = rows_of_t,
                            .after = rows_of_t});
    }
}

TEST_CASE("a constraint that is not there, or a name that is taken, is said with the nearest")
{
    Life missing(with_rules(), change("drop_constraint", "name = \"t_parents\"\n"));
    const Error error = test::error_of([&] { (void)missing.runner().expand(missing.migration()); });
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.details.hint.find("t_parent") != std::string::npos);
    Life taken(with_rules(), change("rename_constraint", "from = \"t_a\"\nto = \"t_parent\"\n"));
    CHECK(test::error_of([&] {
              (void)taken.runner().expand(taken.migration());
          }).message.find("already") != std::string::npos);
}
