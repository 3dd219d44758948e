// Tables of every shape through the whole life of a migration: names that need quotes, keys of
// several columns or of none but a unique index, several changes at once.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::change;
using test::table;

namespace {

/// CREATE TABLE t with a key of one number.
const std::string rename_a = "from = \"a\"\nto = \"a2\"";

std::string doubled(const std::string& text, char mark)
{
    std::string result;
    for (const char c : text) {
        result.append(c == mark ? 2 : 1, c);
    }
    return result;
}

/// A name as SQL of the engine has it.
std::string quoted(const std::string& name)
{
    const std::string mark = by_engine("\"", "`", "\"");
    return mark + doubled(name, mark.front()) + mark;
}

const char* const unique_rows =
    "INSERT INTO t VALUES (1, '10', 1), (2, '20', 1), (3, '30', 2), (4, '-4', NULL)";

std::string unique_table()
{
    return table("a varchar(20) NOT NULL UNIQUE, b int, UNIQUE (b, a)") + unique_rows;
}

struct Names {
    std::string table;
    std::string key;
    std::string from;
    std::string to;
};

/// A renamed column, NOT NULL and indexed.
void live_through_names(const Names& names)
{
    const std::string on = quoted(names.table);
    const std::string key = quoted(names.key);
    const std::string from = quoted(names.from);
    const std::string tail = " FROM " + on + " ORDER BY " + key;
    test::live_through({.setup = "CREATE TABLE " + on + " (" + key + " " +
                                 by_engine("bigint", "bigint", "INTEGER") + " PRIMARY KEY, " +
                                 from + " varchar(20) NOT NULL); CREATE INDEX " +
                                 quoted("i " + names.from) + " ON " + on + " (" + from +
                                 "); INSERT INTO " + on +
                                 " VALUES (1, 'a'), (2, ''), (3, 'é'), (4, 'd')",
                        .migration = "[[change]]\nkind = \"rename_column\"\ntable = '''\"" +
                                     doubled(names.table, '"') + "\"'''\nfrom = '''" + names.from +
                                     "'''\nto = '''" + names.to + "'''\n",
                        .before = "SELECT " + key + ", " + from + tail,
                        .after = "SELECT " + key + ", " + quoted(names.to) + tail,
                        .rows_after = {}});
}

} // namespace

TEST_CASE("columns of one table are renamed, changed and dropped side by side in one migration")
{
    test::live_through(
        {.setup =
             table("a varchar(20) NOT NULL, b int, c varchar(20) DEFAULT 'c', e int NOT NULL") +
             "CREATE INDEX t_a_b ON t (a, b);"
             "INSERT INTO t VALUES (1, 'x', 10, 'p', 7), (2, '', NULL, NULL, -8), "
             "(3, 'é', -3, 'r', 9), (4, 'y', 4, 's', 0)",
         .migration = change("rename_column", rename_a) +
                      change("change_column", "column = \"e\"\ntype = \"bigint\"") +
                      change("drop_column", "column = \"c\""),
         .before = "SELECT id, a, b, c, e FROM t ORDER BY id",
         .after = "SELECT id, a2, b, e FROM t ORDER BY id",
         .rows_after = "1|x|10|7|\n2||NULL|-8|\n3|é|-3|9|\n4|y|4|0|\n"});
}

TEST_CASE("columns of one table are renamed and added side by side in one migration")
{
    test::live_through(
        {.setup = table("a varchar(20) NOT NULL, d varchar(20) NOT NULL") +
                  "INSERT INTO t VALUES (1, 'x', 'U'), (2, '', ''), (3, 'é', 'w')",
         .migration = change("rename_column", rename_a) +
                      change("add_column", "column = \"f\"\ntype = \"varchar(30)\"\nnullable = "
                                           "false\ndefault = \"'none'\"\nup = \"lower(d)\"") +
                      change("add_column", "column = \"g\"\ntype = \"int\"\ndefault = \"5\""),
         .before = "SELECT id, a, d FROM t ORDER BY id",
         .after = "SELECT id, a2, d, f, g FROM t ORDER BY id",
         .rows_after = "1|x|U|u|5|\n2||||5|\n3|é|w|w|5|\n"});
}

TEST_CASE("a table and columns with capitals and spaces in their names live through every phase")
{
    live_through_names({"Mixed Case", "Id", "OldName", "New Name"});
}

TEST_CASE("a table and columns named like words of SQL live through every phase")
{
    live_through_names({"order", "group", "select", "from"});
}

TEST_CASE("a table and columns with quotes, placeholders and dollars in their names live through")
{
    live_through_names({"it's a \"table\"", "k'ey", "q\"uote' d", "b`ack$1 %s :x ?"});
}

TEST_CASE("a table and columns with letters of other scripts in their names live through")
{
    live_through_names({"größe_таблица", "ключ", "naïve", "名前"});
}

TEST_CASE("a table with a key of several columns is walked, kept in step and brought back")
{
    const std::string text = by_engine("text", "varchar(20)", "TEXT");
    test::live_through(
        {.setup =
             "CREATE TABLE t (region " + text +
             " NOT NULL, day date NOT NULL, n int NOT NULL, a varchar(20) NOT NULL, "
             "PRIMARY KEY (region, day, n));"
             "INSERT INTO t VALUES ('eu', '2026-01-01', 1, 'p'), ('eu', '2026-01-01', 2, 'q'), "
             "('eu', '2026-01-02', 1, ''), ('us', '2025-12-31', -1, 's'), "
             "('Åland', '2026-01-01', 1, 't'), ('', '2026-01-01', 0, 'u')",
         .migration = change("rename_column", rename_a),
         .before = "SELECT region, day, n, a FROM t ORDER BY region, day, n",
         .after = "SELECT region, day, n, a2 FROM t ORDER BY region, day, n",
         .rows_after = {}});
}

TEST_CASE("a table without a primary key is walked by a unique index over NOT NULL columns")
{
    test::live_through({.setup =
                            "CREATE TABLE t (code varchar(20) NOT NULL, a varchar(20), b int);"
                            "CREATE UNIQUE INDEX t_code ON t (code);"
                            "INSERT INTO t VALUES ('p', 'x', 1), ('q', NULL, 2), ('r', '', 3), "
                            "('s', 'é', NULL)",
                        .migration = change("rename_column", rename_a),
                        .before = "SELECT code, a, b FROM t ORDER BY code",
                        .after = "SELECT code, a2, b FROM t ORDER BY code",
                        .rows_after = {}});
}

TEST_CASE("a column under UNIQUE constraints is renamed without losing them")
{
    test::live_through({.setup = unique_table(),
                        .migration = change("rename_column", rename_a),
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a2, b FROM t ORDER BY id",
                        .rows_after = {}});
}

TEST_CASE("a column under UNIQUE constraints changes its type without losing them")
{
    test::live_through({.setup = unique_table(),
                        .migration = change("change_column", "column = \"a\"\ntype = \"bigint\""),
                        .before = "SELECT id, a, b FROM t ORDER BY id",
                        .after = "SELECT id, a, b FROM t ORDER BY id",
                        .rows_after = {}});
}

TEST_CASE(
    "a unique index holds for the new column from contract on, and for the old one after undo")
{
    test::Life life(table("a varchar(20) NOT NULL") + "CREATE UNIQUE INDEX t_a ON t (a);"
                                                      "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
                    change("rename_column", rename_a));
    life.expand();
    life.migrate();
    CHECK_THROWS_AS(life.database.run("INSERT INTO t (id, a) VALUES (3, 'x')"), Error);
    CHECK_THROWS_AS(life.database.run("INSERT INTO t (id, a2) VALUES (3, 'x')"), Error);
    life.contract();
    CHECK_THROWS_AS(life.database.run("INSERT INTO t (id, a2) VALUES (3, 'x')"), Error);
    life.database.run("INSERT INTO t (id, a2) VALUES (3, 'z')");
    life.rollback();
    CHECK_THROWS_AS(life.database.run("INSERT INTO t (id, a) VALUES (4, 'z')"), Error);
    life.rollback();
    CHECK_THROWS_AS(life.database.run("INSERT INTO t (id, a) VALUES (4, 'z')"), Error);
    CHECK(life.rows("SELECT id, a FROM t ORDER BY id") == "1|x|\n2|y|\n3|z|\n");
}
