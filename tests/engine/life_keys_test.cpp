// A primary key becomes wider, and with it whatever refers to it.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace sluice;
using test::change;
using test::Life;

namespace {

bool has_twins()
{
    return test::engine() == Engine::postgresql;
}

const std::string to_bigint = change("change_primary_key", "column = \"id\"\ntype = \"bigint\"\n");

/// A table that numbers itself and refers to itself; one that refers to it by its own key, one that
/// refers to that, one by two columns of its key, and one that is wide already.
std::string family(const std::string& id)
{
    return "CREATE TABLE t (id " + id +
           " CONSTRAINT t_key PRIMARY KEY, parent_id int CONSTRAINT t_parent REFERENCES t (id) ON "
           "DELETE SET NULL, name varchar(20) NOT NULL, CONSTRAINT t_own CHECK (parent_id <> id));"
           "CREATE INDEX t_parent_id ON t (parent_id DESC, name) WHERE parent_id > 0;"
           "COMMENT ON COLUMN t.id IS 'what it is known by';"
           "CREATE TABLE twins (one_id int NOT NULL REFERENCES t (id) ON UPDATE CASCADE, other_id "
           "int NOT NULL REFERENCES t (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, note "
           "text, PRIMARY KEY (one_id, other_id) INCLUDE (note) WITH (fillfactor = 70));"
           "CREATE TABLE profiles (t_id int PRIMARY KEY REFERENCES t (id), about text);"
           "CREATE TABLE pictures (id bigint PRIMARY KEY, profile_id int CONSTRAINT "
           "pictures_profile REFERENCES profiles (t_id), UNIQUE (profile_id));"
           "CREATE TABLE visits (id bigint PRIMARY KEY, t_id bigint NOT NULL);"
           "ALTER TABLE visits ADD CONSTRAINT visits_of FOREIGN KEY (t_id) REFERENCES t (id) NOT "
           "VALID;"
           "INSERT INTO t (name, parent_id) VALUES ('one', NULL), ('two', 1), ('three', 2), "
           "('four', NULL), ('five', 3), ('six', 2), ('seven', 2);"
           "INSERT INTO twins VALUES (1, 2, 'a'), (2, 3, NULL), (3, 1, 'c'), (4, 4, 'd');"
           "INSERT INTO profiles VALUES (1, 'x'), (2, NULL), (5, 'z');"
           "INSERT INTO pictures VALUES (10, 1), (11, NULL), (12, 5);"
           "INSERT INTO visits VALUES (1, 7), (2, 7), (3, 1);";
}

/// A table that numbers itself, and one that refers to it.
std::string couple(const std::string& id)
{
    return "CREATE TABLE t (id " + id +
           " PRIMARY KEY, name varchar(20) NOT NULL);"
           "CREATE TABLE twins (one_id int NOT NULL REFERENCES t (id) ON UPDATE CASCADE, other_id "
           "int NOT NULL REFERENCES t (id) ON DELETE CASCADE, note text, PRIMARY KEY (one_id, "
           "other_id));"
           "INSERT INTO t (name) VALUES ('one'), ('two'), ('three');"
           "INSERT INTO twins VALUES (1, 2, 'a'), (2, 3, NULL);";
}

const std::string identity = "int GENERATED ALWAYS AS IDENTITY (MAXVALUE 2000000000)";

const std::string all_rows =
    "SELECT t.id, t.parent_id, t.name, w.one_id, w.other_id, w.note, f.t_id, f.about, p.id, "
    "p.profile_id, v.id, v.t_id FROM t FULL JOIN twins w ON w.one_id = t.id FULL JOIN profiles f "
    "ON f.t_id = t.id FULL JOIN pictures p ON p.profile_id = f.t_id FULL JOIN visits v ON v.t_id = "
    "t.id ORDER BY t.id, p.id, v.id";

const Table& table_named(const std::vector<Table>& tables, const std::string& name)
{
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const Table& each) { return each.name.name == name; });
    REQUIRE(found != tables.end());
    return *found;
}

/// What the tables are to be in the end: the columns stand elsewhere, and are wider.
std::vector<Table> widened(std::vector<Table> tables, const std::vector<Table>& like)
{
    const std::string wide = "bigint";
    for (Table& table : tables) {
        const std::vector<Column> order = table_named(like, table.name.name).columns;
        std::vector<Column> columns;
        for (const Column& there : order) {
            columns.push_back(*table.find(there.name));
            if (columns.back().type.sql == "integer") {
                columns.back().type = there.type;
                CHECK(there.type.sql == wide);
            }
            for (Sequence& sequence : columns.back().sequences) {
                sequence.type = wide;
            }
        }
        table.columns = columns;
    }
    return tables;
}

Cause cause_of(const Life& life, const std::string& sql)
{
    return test::error_of([&] { life.database.run(sql); }).details.cause;
}

} // namespace

TEST_CASE("a key becomes wider with all that refers to it, through its whole life")
{
    if (!has_twins()) {
        return; // see below
    }
    test::live_through(
        {.setup = family("serial"), .migration = to_bigint, .before = all_rows, .after = all_rows});
}

TEST_CASE("a key that is an identity becomes wider, and narrow again")
{
    if (!has_twins()) {
        return;
    }
    const std::string rows = "SELECT id, name, note FROM t LEFT JOIN twins ON one_id = id ORDER BY "
                             "id";
    test::live_through(
        {.setup = couple(identity), .migration = to_bigint, .before = rows, .after = rows});
}

TEST_CASE("a wider key has all that the narrow one had, by the names that are known")
{
    if (!has_twins()) {
        return;
    }
    Life life(family(identity), to_bigint);
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.purge();
    const std::vector<Table> after = life.tables();
    test::check_same_tables(widened(before, after), after);
}

TEST_CASE("numbers go on where they ended, and beyond what the narrow key could hold")
{
    if (!has_twins()) {
        return;
    }
    for (const std::string& id :
         {std::string("serial"), std::string("int GENERATED BY DEFAULT AS IDENTITY")}) {
        CAPTURE(id);
        Life life(couple(id), to_bigint);
        const auto next = [&life] {
            return life.database.value("INSERT INTO t (name) VALUES ('next') RETURNING id");
        };
        CHECK(next() == "4");
        life.expand();
        CHECK(next() == "5");
        life.migrate();
        CHECK(next() == "6");
        life.contract();
        CHECK(next() == "7");
        life.rollback();
        CHECK(next() == "8");
        life.contract();
        life.database.run("SELECT setval(pg_get_serial_sequence('t', 'id'), 2147483647)");
        CHECK(next() == "2147483648");
        const std::string pair = "INSERT INTO twins (one_id, other_id) VALUES ";
        life.database.run(pair + "(2147483648, 1)");
        CHECK(cause_of(life, pair + "(1, 2147483649)") == Cause::constraint);
        life.purge();
        CHECK(next() == "2147483649");
    }
}

TEST_CASE("keys that the narrow type cannot hold keep it from coming back, and nothing is changed")
{
    if (!has_twins()) {
        return;
    }
    Life life(couple("serial"), to_bigint);
    const std::vector<Table> tables = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    const std::vector<Table> contracted = life.tables();
    life.database.run("INSERT INTO t (id, name) VALUES (3000000000, 'wide');"
                      "INSERT INTO twins (one_id, other_id) VALUES (1, 3000000000)");
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    CHECK(error.message.find("3000000000") != std::string::npos);
    life.database.run("INSERT INTO t (id, name) VALUES (3000000001, 'wide too')");
    CHECK(life.database.value("SELECT count(*) FROM t WHERE id > 2147483647") == "2");
    life.database.run("DELETE FROM t WHERE id > 2147483647");
    life.rollback();
    CHECK(life.state() == State::migrated);
    life.contract();
    test::check_same_tables(contracted, life.tables());
    life.rollback();
    life.rollback();
    test::check_same_tables(tables, life.tables());
}

TEST_CASE("a key's rules act once while it has a twin")
{
    if (!has_twins()) {
        return;
    }
    Life life(couple("serial"), to_bigint);
    const auto act = [&life](int first) {
        const std::string id = std::to_string(first);
        const std::string next = std::to_string(first + 1);
        life.database.run(
            fmt::format("INSERT INTO t (id, name) VALUES ({0}, 'x');"
                        "INSERT INTO t (id, name) VALUES ({1}, 'y');"
                        "INSERT INTO twins (one_id, other_id, note) VALUES ({0}, {1}, 'z');"
                        "DELETE FROM t WHERE id = {1}",
                        id, next));
        CHECK(life.database.value("SELECT count(*) FROM twins WHERE one_id = " + id) == "0");
        life.database.run(
            fmt::format("INSERT INTO twins (one_id, other_id, note) VALUES ({0}, 1, 'z');"
                        "UPDATE t SET id = {1} WHERE id = {0}",
                        id, next));
        CHECK(life.database.value("SELECT note FROM twins WHERE one_id = " + next) == "z");
    };
    life.expand();
    act(100);
    life.migrate();
    act(200);
    life.contract();
    act(300);
    life.rollback();
    act(400);
    (void)life.runner().verify(life.migration());
    life.contract();
    life.purge();
    act(500);
}

TEST_CASE("what a key cannot take along is refused by name before anything happens")
{
    const auto problem = [](const std::string& setup, const std::string& migration = to_bigint) {
        Life life(setup, migration);
        return test::error_of([&] { (void)life.runner().expand(life.migration()); }).message;
    };
    const std::string plain = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, n int);";
    const auto says = [&](const std::string& setup, const std::string& words) {
        const std::string found = problem(plain + setup);
        CAPTURE(found);
        CHECK(found.find(words) != std::string::npos);
    };
    if (test::engine() == Engine::sqlite) {
        says("", "64 bits");
        return;
    }
    if (!has_twins()) {
        return;
    }
    says("CREATE VIEW seen AS SELECT id FROM t;", "the view \"public.seen\"");
    says("ALTER TABLE t ADD twice int GENERATED ALWAYS AS (id * 2) STORED;", "\"twice\"");
    says("CREATE POLICY own ON t USING (id > 0);", "the policy \"own\"");
    says("ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey;", "replica identity");
    says("CREATE TABLE c (id int PRIMARY KEY, t_id int DEFAULT 1 CONSTRAINT c_t REFERENCES t (id) "
         "ON DELETE SET DEFAULT);",
         "\"c_t\"");
    says("CREATE TABLE c (id int, t_id int REFERENCES t (id)) PARTITION BY RANGE (id);",
         "partitioned");
    says("CREATE TABLE c (id int PRIMARY KEY, t_id int UNIQUE REFERENCES t (id));"
         "ALTER TABLE t ADD c_id int REFERENCES c (t_id);",
         "refer to each other");
    CHECK(problem(plain, change("change_primary_key", "column = \"n\"\ntype = \"bigint\"\n"))
              .find("not part of the primary key") != std::string::npos);
    CHECK(problem(plain, change("change_primary_key", "column = \"id\"\ntype = \"int\"\n"))
              .find("already") != std::string::npos);
    CHECK(problem(plain, change("change_primary_key", "column = \"id\"\ntype = \"text\"\n"))
              .find("no wider integer") != std::string::npos);
}
