// Tables with foreign keys that are put aside at contract: what is kept holds nobody, and is as it
// was when it comes back.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::change;
using test::check_mentions;
using test::Life;
using test::refusal;
using test::run_held;

namespace {

std::string key_type()
{
    return by_engine("bigint", "bigint", "INTEGER");
}

/// "t" refers to two tables, by columns of its own and by a pair, and to itself; some of its keys
/// have no name.
std::string tied()
{
    const std::string id = "id " + key_type() + " PRIMARY KEY";
    return "CREATE TABLE parent (" + id + ", code varchar(10) UNIQUE);" +
           "CREATE TABLE pair (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b));"
           "CREATE TABLE t (" +
           id + ", parent_id " + key_type() + ", code varchar(10), a int, b int, boss " +
           key_type() + ", CONSTRAINT t_parent FOREIGN KEY (parent_id) REFERENCES parent (id)" +
           by_engine(" DEFERRABLE INITIALLY DEFERRED", "", " DEFERRABLE INITIALLY DEFERRED") +
           ", FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE"
           ", CONSTRAINT \"t Pair\" FOREIGN KEY (a, b) REFERENCES pair (a, b) ON DELETE CASCADE"
           ", FOREIGN KEY (boss) REFERENCES t (id));"
           "INSERT INTO parent VALUES (1, 'one'), (2, 'two'), (3, 'three');"
           "INSERT INTO pair VALUES (1, 1), (1, 2);"
           "INSERT INTO t VALUES (1, 1, 'one', 1, 1, NULL), (2, 2, 'two', 1, 2, 1), "
           "(3, NULL, NULL, NULL, NULL, 1);" +
           by_engine("SET CONSTRAINTS ALL IMMEDIATE;", "", "");
}

std::string engine_tied()
{
    std::string text = tied();
    for (std::size_t at = text.find('"'); test::engine() == Engine::mysql && at != text.npos;
         at = text.find('"')) {
        text[at] = '`';
    }
    return text + by_engine("ALTER TABLE t ADD CONSTRAINT t_late FOREIGN KEY (parent_id) "
                            "REFERENCES parent (id) NOT VALID;"
                            "COMMENT ON CONSTRAINT t_parent ON t IS 'whose';",
                            "", "");
}

constexpr const char* rows_of_t = "SELECT id, parent_id, code, a, b, boss FROM t ORDER BY id";
constexpr const char* rows_kept =
    "SELECT id, parent_id, code, a, b, boss FROM sluice_kept_t ORDER BY id";

} // namespace

TEST_CASE("a dropped table lets go of what it refers to, and comes back with every foreign key")
{
    Life life(engine_tied(), change("drop_table", ""));
    const std::vector<Table> before = life.tables();
    const std::string rows = life.rows(rows_of_t);
    life.expand();
    life.rollback();
    test::check_same_tables(before, life.tables());
    life.expand();
    life.migrate();
    test::check_same_tables(before, life.tables());
    life.contract();
    const std::vector<Table> contracted = life.tables();
    CHECK(life.rows(rows_kept) == rows);
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK(life.rows(rows_of_t) == rows);
    life.contract();
    test::check_same_tables(contracted, life.tables());
    run_held(life, "UPDATE parent SET code = 'other' WHERE id = 1; DELETE FROM parent; DELETE FROM "
                   "pair");
    CHECK(life.rows(rows_kept) == rows);
    life.purge();
    CHECK(life.tables().size() == 2);
    test::check_nothing_left(life.tables());
}

TEST_CASE("a kept row whose parent is gone stops the way back with its key, and nothing is changed")
{
    Life life(engine_tied(), change("drop_table", ""));
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    const std::vector<Table> contracted = life.tables();
    const std::string kept = life.rows(rows_kept);
    run_held(life, "DELETE FROM pair WHERE b = 2");
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    check_mentions(error.message,
                   {"sluice_kept_t", "t Pair", test::by_engine("(2)", "(2)", "key: 2")});
    CHECK(life.rows(rows_kept) == kept);
    CHECK(life.rows("SELECT count(*) FROM parent") == "3|\n");
    for (const Table& table : life.tables()) {
        CHECK(table.name.name != "t");
    }
    run_held(life, "INSERT INTO pair VALUES (1, 2)");
    life.rollback();
    CHECK(life.state() == State::migrated);
    test::check_same_tables(before, life.tables());
    CHECK(life.rows(rows_of_t) == kept);
    life.contract();
    test::check_same_tables(contracted, life.tables());
}

TEST_CASE("a table that another one refers to is dropped after that foreign key, not before")
{
    const std::string child = "CREATE TABLE child (id " + key_type() + " PRIMARY KEY, t_id " +
                              key_type() +
                              ", CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t "
                              "(id) ON DELETE CASCADE);"
                              "INSERT INTO child VALUES (1, 1);";
    const std::string drop_t = change("drop_table", "");
    const std::string drop_key =
        "[[change]]\nkind = \"drop_constraint\"\ntable = \"child\"\nname = \"child_t\"\n";
    const std::string drop_child = "[[change]]\nkind = \"drop_table\"\ntable = \"child\"\n";
    check_mentions(refusal(engine_tied() + child, drop_t),
                   {"\"child_t\"", "child\"", "refers to", "drop_constraint"});
    check_mentions(refusal(engine_tied() + child, drop_t + drop_child), {"child_t"});
    for (const std::string& file : {drop_key + drop_t, drop_t + drop_key, drop_child + drop_t}) {
        CAPTURE(file);
        Life life(engine_tied() + child, file);
        const std::vector<Table> before = life.tables();
        life.expand();
        life.rollback();
        test::check_same_tables(before, life.tables());
        life.expand();
        life.migrate();
        const std::vector<Table> migrated = life.tables();
        life.contract();
        const std::vector<Table> contracted = life.tables();
        life.rollback();
        test::check_same_tables(migrated, life.tables());
        life.contract();
        test::check_same_tables(contracted, life.tables());
        life.rollback();
        life.rollback();
        CHECK(life.state() == State::pending);
        test::check_same_tables(before, life.tables());
        CHECK(life.rows("SELECT id, t_id FROM child") == "1|1|\n");
    }
}

TEST_CASE("SQLite: a foreign key without a name is said, and nothing promised of it")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    check_mentions(refusal(engine_tied() +
                               "CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER "
                               "REFERENCES t)",
                           change("drop_table", "")),
                   {"the foreign key of table \"child\" refers to \"t\"", "has no name"});
}

TEST_CASE("PostgreSQL: a partitioned table keeps its foreign keys, and is not dropped with them")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    check_mentions(refusal("CREATE TABLE parent (id bigint PRIMARY KEY);"
                           "CREATE TABLE t (id bigint, parent_id bigint REFERENCES parent (id), "
                           "PRIMARY KEY (id)) PARTITION BY RANGE (id);",
                           change("drop_table", "")),
                   {"is partitioned", "t_parent_id_fkey"});
}

TEST_CASE("MySQL: the name that the server gives a foreign key finds room in the kept table's")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const std::string name = "t" + std::string(54, 'n'); // t…_ibfk_1 has 62 bytes of 64
    Life life("CREATE TABLE parent (id bigint PRIMARY KEY);"
              "CREATE TABLE " +
                  name +
                  " (id bigint PRIMARY KEY, parent_id bigint, FOREIGN KEY (parent_id) REFERENCES "
                  "parent (id));"
                  "INSERT INTO parent VALUES (1); INSERT INTO " +
                  name + " VALUES (1, 1);",
              "[[change]]\nkind = \"drop_table\"\ntable = \"" + name + "\"\n");
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("DELETE FROM parent WHERE id = 1");
    life.database.run("INSERT INTO parent VALUES (1)");
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK_THROWS_AS(life.database.run("DELETE FROM parent WHERE id = 1"), Error);
}

TEST_CASE("MySQL: a successor whose name leaves no room for those of its foreign keys is refused")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const std::string file =
        "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"" + std::string(58, 'n') +
        "\"\nprimary_key = [\"id\"]\ncolumns = [{ name = \"id\", type = \"bigint\" }, "
        "{ name = \"code\", type = \"varchar(10)\" }]\n";
    check_mentions(refusal("CREATE TABLE parent (code varchar(10) PRIMARY KEY);"
                           "CREATE TABLE t (id bigint PRIMARY KEY, code varchar(10), "
                           "FOREIGN KEY (code) REFERENCES parent (code));",
                           file),
                   {"nnn_ibfk_1", "longer than 64 bytes", "`to`"});
}

TEST_CASE("a table is not dropped in the file that renames what it refers to")
{
    if (test::engine() == Engine::sqlite) {
        return; // where rename_table is refused
    }
    const std::string rename =
        "[[change]]\nkind = \"rename_table\"\ntable = \"parent\"\nto = \"folks\"\n";
    for (const std::string& file :
         {rename + change("drop_table", ""), change("drop_table", "") + rename}) {
        check_mentions(refusal(engine_tied(), file), {"t\"", "refers to", "parent\"", "renames"});
    }
}
