// One column that is split into several and several that are merged into one, through the whole
// life of the migration.

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

const char* const whole_rows = "SELECT id, full_name, b FROM t ORDER BY id";
const char* const part_rows = "SELECT id, first_name, last_name, b FROM t ORDER BY id";

/// Where the first name ends.
std::string space()
{
    return by_engine("strpos(full_name || ' ', ' ')", "LOCATE(' ', CONCAT(full_name, ' '))",
                     "instr(full_name || ' ', ' ')");
}

std::string first()
{
    return "substr(full_name, 1, " + space() + " - 1)";
}

std::string last()
{
    return "nullif(substr(full_name, " + space() + " + 1), '')";
}

std::string whole()
{
    return by_engine("first_name || coalesce(' ' || last_name, '')",
                     "CONCAT(first_name, COALESCE(CONCAT(' ', last_name), ''))",
                     "first_name || coalesce(' ' || last_name, '')");
}

std::string split(const std::string& first_rest = "", const std::string& last_rest = "")
{
    return change("split_column", "column = \"full_name\"\n"
                                  "into = [\n{ name = \"first_name\", type = \"varchar(60)\", "
                                  "up = \"" +
                                      first() + "\"" + first_rest +
                                      " },\n{ name = \"last_name\", type = \"varchar(60)\", "
                                      "up = \"" +
                                      last() + "\"" + last_rest + " },\n]\ndown = \"" + whole() +
                                      "\"\n");
}

std::string merge()
{
    return change("merge_columns", "columns = [\"first_name\", \"last_name\"]\n"
                                   "into = { name = \"full_name\", type = \"varchar(120)\", "
                                   "up = \"" +
                                       whole() + "\" }\ndowns = { first_name = \"" + first() +
                                       "\", last_name = \"" + last() + "\" }\n");
}

/// The last one loses its space on the way to the parts and back.
std::string whole_names(const std::string& rest)
{
    return table("full_name varchar(120)" + rest + ", b int DEFAULT 7") +
           "CREATE INDEX t_full_name ON t (full_name, b);"
           "INSERT INTO t VALUES (1, 'Ann Lee', 1), (2, 'Cher', NULL), (3, 'é van Os', 3), "
           "(4, '', 4), (5, 'Bo ', 5);";
}

std::string names_in_parts(const std::string& rest)
{
    return table("first_name varchar(60)" + rest + ", last_name varchar(60)" + rest +
                 ", b int DEFAULT 7") +
           "CREATE INDEX t_names ON t (last_name, first_name);"
           "INSERT INTO t VALUES (1, 'Ann', 'Lee', 1), (2, 'é', 'van Os', NULL), "
           "(3, 'Bo', 'Li', 3), (4, 'a b', 'c', 4);";
}

} // namespace

TEST_CASE("a column is split, comes back, and is split for good")
{
    test::live_through({.setup = whole_names("") + "INSERT INTO t VALUES (6, NULL, 6);",
                        .migration = split(),
                        .before = whole_rows,
                        .after = part_rows,
                        .rows_after = "1|Ann|Lee|1|\n2|Cher|NULL|NULL|\n3|é|van Os|3|\n4||NULL|4|\n"
                                      "5|Bo|NULL|5|\n6|NULL|NULL|6|\n"});
}

TEST_CASE("a NOT NULL column is split into one that is NOT NULL and one with a default")
{
    const std::string migration =
        split(", nullable = false, default = \"'nobody'\"", ", default = \"'none'\"");
    test::live_through({.setup = whole_names(" NOT NULL"),
                        .migration = migration,
                        .before = whole_rows,
                        .after = part_rows,
                        .rows_after = "1|Ann|Lee|1|\n2|Cher|NULL|NULL|\n3|é|van Os|3|\n4||NULL|4|\n"
                                      "5|Bo|NULL|5|\n"});
    Life life(whole_names(" NOT NULL"), migration);
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO t (id) VALUES (9)");
    CHECK(life.rows("SELECT first_name, last_name, b FROM t WHERE id = 9") == "nobody|none|7|\n");
    CHECK(test::error_of([&] {
              life.database.run("UPDATE t SET first_name = NULL WHERE id = 9");
          }).details.cause == Cause::constraint);
}

TEST_CASE("columns are merged, come back, and are merged for good")
{
    for (const char* rest : {"", " NOT NULL"}) {
        CAPTURE(rest);
        test::live_through(
            {.setup = names_in_parts(rest),
             .migration = merge(),
             .before = part_rows,
             .after = whole_rows,
             .rows_after = "1|Ann Lee|1|\n2|é van Os|NULL|\n3|Bo Li|3|\n4|a b c|4|\n"});
    }
}

TEST_CASE("what both versions write while a column is split is there at each turn")
{
    Life life(whole_names(""), split());
    life.expand();
    life.database.run("UPDATE t SET last_name = 'Li' WHERE id = 1;"
                      "UPDATE t SET full_name = 'Eve Ott' WHERE id = 2;"
                      "INSERT INTO t (id, first_name, last_name) VALUES (10, 'New', 'One')");
    CHECK(life.rows("SELECT full_name, first_name, last_name FROM t WHERE id IN (1, 2, 10) ORDER "
                    "BY id") == "Ann Li|Ann|Li|\nEve Ott|Eve|Ott|\nNew One|New|One|\n");
    life.migrate();
    life.contract();
    life.database.run("UPDATE t SET first_name = 'Amy' WHERE id = 1;"
                      "INSERT INTO t (id, first_name) VALUES (11, 'Only')");
    life.rollback();
    CHECK(life.rows("SELECT full_name FROM t WHERE id IN (1, 5, 11) ORDER BY id") ==
          "Amy Li|\nBo |\nOnly|\n");
    life.rollback();
    CHECK(life.state() == State::pending);
}

TEST_CASE("a value that cannot be split is named before contract, unless nothing of it is lost")
{
    const std::string ok =
        by_engine("full_name LIKE '% %'", "full_name LIKE '% %'", "full_name LIKE '% %'");
    Life life(whole_names(""), split("", ", up_ok = \"" + ok + "\""));
    life.expand();
    CHECK(life.runner().migrate(life.migration()) == RunEnd::done); // 'Cher' goes back as it is
    life.rollback();

    Life lossy(whole_names(""), split(", up_ok = \"" + ok + "\"", ", up_ok = \"" + ok + "\""));
    lossy.expand();
    CHECK(test::error_of([&] {
              (void)lossy.runner().migrate(lossy.migration());
          }).message.find("in step") != std::string::npos);
    lossy.database.run("UPDATE t SET full_name = 'Cher Bono' WHERE id = 2;"
                       "UPDATE t SET full_name = NULL WHERE id = 4");
    lossy.migrate();
    CHECK(lossy.rows("SELECT first_name, last_name FROM t WHERE id = 2") == "Cher|Bono|\n");
}

TEST_CASE("a text that is split or merged keeps its collation where nothing else is said")
{
    const std::string collation = by_engine("\"C\"", "utf8mb4_bin", "NOCASE");
    Life life(table("full_name varchar(120) " + by_engine("", "CHARACTER SET utf8mb4 ", "") +
                    "COLLATE " + collation + ", b int"),
              split());
    life.expand();
    const std::vector<Table> tables = life.tables();
    for (const Table& each : tables) {
        if (each.name.name == "t") {
            CHECK(each.find("first_name")->collation == each.find("full_name")->collation);
            CHECK(each.find("first_name")->collation != "");
        }
    }
}
