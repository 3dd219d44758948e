// What hangs on a column goes with it to its twin: checks, foreign keys, indexes of every sort; and
// changes of what a column is besides its type.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using test::by_engine;
using test::change;
using test::Life;
using test::table;

namespace {

/// A table whose column "a" has all of it. MySQL cannot carry a check.
std::string laden()
{
    return std::string("CREATE TABLE parent (id int NOT NULL PRIMARY KEY);") +
           "INSERT INTO parent VALUES (1), (2);"
           "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int" +
           by_engine(", CONSTRAINT t_positive CHECK (a >= 0 AND b >= a)", "",
                     ", CONSTRAINT t_positive CHECK (a >= 0 AND b >= a)") +
           ", CONSTRAINT t_parent FOREIGN KEY (a) REFERENCES parent (id) ON DELETE CASCADE);"
           "INSERT INTO t VALUES (1, 1, 5), (2, 2, NULL), (3, NULL, 7);" +
           by_engine("CREATE UNIQUE INDEX t_some ON t (a DESC NULLS LAST, (b + a)) INCLUDE (id) "
                     "WHERE a > 0;"
                     "CREATE INDEX t_any ON t USING hash (a);",
                     "CREATE INDEX t_some ON t (a, b);",
                     "CREATE UNIQUE INDEX t_some ON t (a DESC, b + a) WHERE a > 0;");
}

const std::string renaming =
    "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"a\"\nto = \"c\"\n";

std::vector<std::string> rule_names(const Table& table)
{
    std::vector<std::string> names;
    for (const Check& check : table.checks) {
        names.push_back(check.name + " " + check.expression);
    }
    for (const ForeignKey& key : table.foreign_keys) {
        names.push_back(key.name + " " + key.columns.at(0) + " " + key.on_delete);
    }
    return names;
}

const Table& table_t(const std::vector<Table>& tables)
{
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [](const Table& each) { return each.name.name == "t"; });
    REQUIRE(found != tables.end());
    return *found;
}

Cause cause_of(const Life& life, const std::string& sql)
{
    return test::error_of([&] { life.database.run(sql); }).details.cause;
}

} // namespace

TEST_CASE("a renamed column keeps its checks, foreign keys and indexes through its whole life")
{
    test::live_through({.setup = laden(),
                        .migration = renaming,
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, c, b FROM t ORDER BY id"});
}

TEST_CASE("what a renamed column carried holds for it by the names that are known")
{
    Life life(laden(), renaming);
    const std::size_t rules = rule_names(table_t(life.tables())).size();
    life.expand();
    life.migrate();
    life.contract();
    const std::vector<std::string> names = rule_names(table_t(life.tables()));
    CHECK(names.size() == rules);
    CHECK(std::find(names.begin(), names.end(), "t_parent c CASCADE") != names.end());
    if (test::engine() != Engine::mysql) {
        CHECK(names.at(0).find("t_positive") == 0);
        CHECK(names.at(0).find("c") != std::string::npos);
        CHECK(cause_of(life, "INSERT INTO t (id, c, b) VALUES (8, -1, 1)") == Cause::constraint);
    }
    if (test::engine() != Engine::sqlite) { // there each connection asks for keys by itself
        CHECK(cause_of(life, "UPDATE t SET b = 88, c = 77 WHERE id = 1") == Cause::constraint);
        life.database.run("DELETE FROM parent WHERE id = 1");
        CHECK(life.database.value("SELECT count(*) FROM t WHERE id = 1") == "0");
    }
    life.purge();
    test::check_nothing_left(life.tables());
}

TEST_CASE("a column of another type keeps its checks, foreign keys and indexes")
{
    const std::string migration = change("change_column", "column = \"a\"\ntype = \"bigint\"\n");
    if (test::engine() == Engine::mysql) {
        Life life(laden(), migration);
        const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("t_parent") != std::string::npos);
        return;
    }
    test::live_through({.setup = laden(),
                        .migration = migration,
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a, b FROM t ORDER BY id"});
}

TEST_CASE("a default alone is changed for new rows, and comes back")
{
    const std::string setup = table("a int DEFAULT 1, b int") + "INSERT INTO t VALUES (1, 5, 1);";
    const std::string migration = change("change_column", "column = \"a\"\ndefault = \"2\"\n");
    test::live_through({.setup = setup,
                        .migration = migration,
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a, b FROM t ORDER BY id"});
    Life life(setup, migration);
    life.expand();
    life.database.run("INSERT INTO t (id) VALUES (2)");
    CHECK(life.rows("SELECT a FROM t ORDER BY id") == "5|\n2|\n");
}

TEST_CASE("a comment is changed where the engine has comments")
{
    const std::string migration =
        change("change_column", "column = \"a\"\ncomment = \"what it's for\"\n");
    const std::string setup = table("a varchar(20) DEFAULT 'x' NOT NULL, b int");
    if (test::engine() == Engine::sqlite) {
        Life life(setup, migration);
        CHECK(test::error_of([&] { (void)life.runner().expand(life.migration()); }).kind ==
              ErrorKind::refused);
        return;
    }
    test::live_through({.setup = setup,
                        .migration = migration,
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a, b FROM t ORDER BY id"});
    Life life(setup, migration);
    life.expand();
    CHECK(table_t(life.tables()).columns.at(1).comment == "what it's for");
}

TEST_CASE("another collation is a twin with indexes of its own")
{
    const std::string collation = by_engine("C", "utf8mb4_bin", "NOCASE");
    const std::string type =
        by_engine("varchar(20)", "varchar(20) CHARACTER SET utf8mb4", "varchar(20)");
    const std::string setup = table("a " + type + ", b int") + "CREATE INDEX t_a ON t (a);" +
                              "INSERT INTO t VALUES (1, 'B', 1), (2, 'a', 2), (3, NULL, 3);";
    test::live_through({.setup = setup,
                        .migration = change("change_column",
                                            "column = \"a\"\ncollation = \"" + collation + "\"\n"),
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a, b FROM t ORDER BY id"});
}
