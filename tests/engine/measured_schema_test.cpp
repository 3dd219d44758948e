// What each engine does by itself when a schema changes under triggers, views and prepared
// statements. The way sluice swaps, fills and refuses rests on these; a server that behaves
// otherwise shows here first.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using test::by_engine;
using test::change;
using test::engine;
using test::error_of;
using test::Life;
using test::table;

namespace {

const std::string rename_a = change("rename_column", "from = \"a\"\nto = \"a2\"");

} // namespace

TEST_CASE("MySQL: both renames of a swap happen or neither, and a trigger left behind stops writes")
{
    if (engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    database.run(table("a int, b int") +
                 "CREATE TRIGGER follow BEFORE INSERT ON t FOR EACH ROW SET NEW.b = NEW.a;");
    Session session = database.open();
    CHECK_THROWS_AS(session.execute("ALTER TABLE t RENAME COLUMN a TO kept, RENAME COLUMN none TO "
                                    "a, ALGORITHM=INSTANT"),
                    Error);
    session.execute("INSERT INTO t (id, a) VALUES (1, 1)");
    session.execute("ALTER TABLE t RENAME COLUMN a TO kept, RENAME COLUMN b TO c, "
                    "ALGORITHM=INSTANT");
    CHECK(error_of([&] { session.execute("INSERT INTO t (id) VALUES (2)"); }).details.cause ==
          Cause::unknown_object);
}

TEST_CASE("PostgreSQL: a trigger's function fails where a column it names was renamed")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    database.run(table("a int, b int") +
                 "CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.b := "
                 "NEW.a; RETURN NEW; END'; CREATE TRIGGER follow BEFORE INSERT ON t FOR EACH ROW "
                 "EXECUTE FUNCTION follow(); ALTER TABLE t RENAME COLUMN a TO kept;");
    const Error error = error_of([&] { database.run("INSERT INTO t (id) VALUES (1)"); });
    CHECK(error.message.find("has no field \"a\"") != std::string::npos);
}

TEST_CASE("SQLite: a rename rewrites triggers and views, whose columns then have another name")
{
    if (engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run(table("a int, b int") +
                 "CREATE VIEW v AS SELECT id, a FROM t;"
                 "CREATE TRIGGER follow AFTER INSERT ON t BEGIN UPDATE t SET b = NEW.a WHERE id = "
                 "NEW.id; END; ALTER TABLE t RENAME COLUMN a TO kept;"
                 "INSERT INTO t (id, kept) VALUES (1, 5);");
    CHECK(database.value("SELECT b FROM t") == "5");
    CHECK(database.value("SELECT kept FROM v") == "5");
    CHECK_THROWS_AS((void)database.value("SELECT a FROM v"), Error);
}

TEST_CASE(
    "a view follows the kept column or the name, so that a column it reads is refused by name")
{
    const std::string setup = table("a int, n int") + "CREATE VIEW reader AS SELECT id, a FROM t;"
                                                      "INSERT INTO t VALUES (1, 10, 20)";
    {
        const test::TestDatabase database;
        database.run(setup);
        database.run("ALTER TABLE t RENAME COLUMN a TO kept");
        database.run("ALTER TABLE t RENAME COLUMN n TO a");
        const std::string column = by_engine("a", "a", "kept");
        CHECK(database.value("SELECT " + column + " FROM reader") == by_engine("10", "20", "10"));
    }
    for (const std::string& file :
         {rename_a, change("change_column", "column = \"a\"\ntype = \"bigint\""),
          change("drop_column", "column = \"a\"")}) {
        Life life(setup, file);
        const std::vector<Table> tables = life.tables();
        const Error error = error_of([&] { (void)life.runner().apply(); });
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("reader") != std::string::npos);
        test::check_same_tables(tables, life.tables());
    }
}

TEST_CASE("indexes and foreign keys stay on the kept column, so that the new one needs its own")
{
    const std::string key = by_engine("bigint", "bigint", "INTEGER");
    const test::TestDatabase database;
    database.run("CREATE TABLE p (id " + key + " PRIMARY KEY);" +
                 table("a " + key + ", n " + key + ", FOREIGN KEY (a) REFERENCES p (id)") +
                 "CREATE UNIQUE INDEX t_a ON t (a)");
    database.run("ALTER TABLE t RENAME COLUMN a TO kept");
    database.run("ALTER TABLE t RENAME COLUMN n TO a");
    Session session = database.open();
    const Table found = *read_catalog(session).find({.schema = {}, .name = "t"});
    const auto index = std::find_if(found.indexes.begin(), found.indexes.end(),
                                    [](const Index& each) { return each.name == "t_a"; });
    REQUIRE(index != found.indexes.end());
    CHECK(index->parts.at(0).column == "kept");
    REQUIRE(found.foreign_keys.size() == 1);
    CHECK(found.foreign_keys[0].columns == std::vector<std::string>{"kept"});
}

TEST_CASE("PostgreSQL: what was prepared with the old type must be prepared anew after contract")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    Life life(table("a varchar(20)") + "INSERT INTO t VALUES (1, '7')",
              change("change_column", "column = \"a\"\ntype = \"bigint\""));
    Session application = life.database.open();
    application.execute("PREPARE reading AS SELECT id, a FROM t");
    application.execute("PREPARE writing(varchar) AS UPDATE t SET a = $1");
    life.expand();
    life.migrate();
    CHECK(application.query("EXECUTE reading")[0][1] == "7");
    life.contract();
    CHECK(error_of([&] { (void)application.query("EXECUTE reading"); }).details.sqlstate ==
          "0A000");
    CHECK(error_of([&] { application.execute("EXECUTE writing('8')"); }).details.sqlstate ==
          "42804");
    application.execute("DEALLOCATE ALL");
    application.execute("PREPARE reading AS SELECT id, a FROM t");
    CHECK(application.query("EXECUTE reading")[0][1] == "7");
}

TEST_CASE("MySQL: a default comes at once, NOT NULL goes only with a rebuild that lets writers in")
{
    if (engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    database.run(table("a varchar(20) NOT NULL"));
    database.run("ALTER TABLE t ALTER COLUMN a SET DEFAULT '', ALGORITHM=INSTANT");
    for (const char* algorithm : {"INSTANT", "NOCOPY"}) {
        CHECK_THROWS_AS(database.run(std::string("ALTER TABLE t MODIFY a varchar(20) NULL, "
                                                 "ALGORITHM=") +
                                     algorithm),
                        Error);
    }
    CHECK_NOTHROW(
        database.run("ALTER TABLE t MODIFY a varchar(20) NULL, ALGORITHM=INPLACE, LOCK=NONE"));
}

TEST_CASE("MySQL: some inserts check NOT NULL before the trigger fills it; all pass after expand")
{
    if (engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase bare;
    bare.run(table("a varchar(20) NOT NULL, b varchar(20)") +
             "CREATE TRIGGER filled BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.b;");
    CHECK_NOTHROW(bare.run("INSERT INTO t (id, b) VALUES (1, 'x')"));
    CHECK_THROWS_AS(bare.run("INSERT INTO t (id, b) SELECT 2, 'x'"), Error);
    CHECK_THROWS_AS(bare.run("REPLACE INTO t (id, b) SELECT 3, 'x'"), Error);

    Life life(table("a varchar(20) NOT NULL"), rename_a);
    life.expand();
    life.database.run("INSERT INTO t (id, a2) VALUES (1, 'values')");
    life.database.run("INSERT INTO t (id, a2) SELECT 2, 'selected'");
    life.database.run("REPLACE INTO t (id, a2) SELECT 3, 'replaced'");
    life.database.run("INSERT INTO t (id, a2) VALUES (1, 'again') ON DUPLICATE KEY UPDATE a2 = "
                      "VALUES(a2)");
    Session prepared = life.database.open();
    Sql sql = prepared.dialect().sql();
    sql << "INSERT INTO t (id, a2) VALUES (4, ";
    sql.bind(Value("prepared")) << ")";
    prepared.execute(sql.take());
    CHECK(life.rows("SELECT id, a FROM t ORDER BY id") ==
          "1|again|\n2|selected|\n3|replaced|\n4|prepared|\n");
}

TEST_CASE("MySQL: a backfill leaves a column alone that every update would touch")
{
    if (engine() != Engine::mysql) {
        return;
    }
    const std::string setup =
        table("a varchar(20), n int, touched datetime DEFAULT '2001-01-01' ON UPDATE "
              "CURRENT_TIMESTAMP") +
        "INSERT INTO t (id, a, n) VALUES (1, 'x', 0), (2, 'y', 0)";
    const std::string written = "[[backfill]]\ntable = \"t\"\nset = { n = \"n + 1\" }\nwhere = "
                                "\"n = 0\"\n";
    for (const std::string& file : {rename_a, written}) {
        Life life(setup, file);
        life.migrate();
        CHECK(life.rows("SELECT DISTINCT touched FROM t") == "2001-01-01 00:00:00|\n");
    }
    const test::TestDatabase database;
    database.run(setup);
    database.run("UPDATE t SET n = 1");
    CHECK(database.value("SELECT count(*) FROM t WHERE touched = '2001-01-01'") == "0");
}

TEST_CASE("a schema change is part of the transaction, or has ended it before it began")
{
    const test::TestDatabase database;
    database.run(table("a int"));
    Session session = database.open();
    session.begin();
    session.execute("INSERT INTO t (id) VALUES (1)");
    session.execute(by_engine("ALTER TABLE t ADD COLUMN b int",
                              "CREATE TRIGGER filled BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
                              "ALTER TABLE t ADD COLUMN b int"));
    session.rollback();
    CHECK(database.value("SELECT count(*) FROM t") == by_engine("0", "1", "0"));
    const Table found = read_catalog(session).tables.at(0);
    CHECK(found.columns.size() == 2);
    CHECK(found.triggers.empty() == (engine() != Engine::mysql));
}

TEST_CASE("SQLite: triggers of one event run newest first, and NOT NULL is checked before them")
{
    if (engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run(table("a int NOT NULL, b int") +
                 "CREATE TABLE seen (name text);"
                 "CREATE TRIGGER early AFTER INSERT ON t BEGIN INSERT INTO seen VALUES ('early'); "
                 "UPDATE t SET a = 1; END;"
                 "CREATE TRIGGER late AFTER INSERT ON t BEGIN INSERT INTO seen VALUES ('late'); "
                 "END;");
    CHECK_THROWS_AS(database.run("INSERT INTO t (id, b) VALUES (1, 2)"), Error);
    database.run("INSERT INTO t (id, a) VALUES (1, 2)");
    CHECK(database.value("SELECT group_concat(name) FROM seen") == "late,early");
}

TEST_CASE("an insert that names neither side gets the old side's default in both")
{
    Life life(table("a varchar(20) DEFAULT 'usual', b int"), rename_a);
    life.expand();
    life.database.run("INSERT INTO t (id) VALUES (1)");
    life.database.run("INSERT INTO t (id, a, a2) VALUES (2, 'old', 'new')");
    life.database.run("INSERT INTO t (id, a2) VALUES (3, 'new')");
    CHECK(life.rows("SELECT a, a2 FROM t ORDER BY id") == "usual|usual|\nnew|new|\nnew|new|\n");
}
