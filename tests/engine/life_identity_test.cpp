// A column begins to number itself, or ceases to.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace sluice;
using test::by_engine;
using test::change;
using test::Life;

namespace {

const std::string on = change("change_column", "column = \"id\"\nidentity = true");
const std::string off = change("change_column", "column = \"id\"\nidentity = false");

const std::string serial =
    "CREATE TABLE t (id serial PRIMARY KEY, a text);"
    "ALTER SEQUENCE t_id_seq INCREMENT BY 5 MINVALUE 2 START WITH 2 RESTART MAXVALUE 900000 CYCLE;"
    "COMMENT ON SEQUENCE t_id_seq IS 'numbers of t';"
    "GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC;"
    "INSERT INTO t (a) VALUES ('x'), ('y'), ('z'); SELECT nextval('t_id_seq');";
const std::string identity =
    "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 10) "
    "PRIMARY KEY, a text); COMMENT ON SEQUENCE t_id_seq IS 'numbers of t';"
    "INSERT INTO t (a) VALUES ('x'), ('y');";

/// Everything about the sequence that the table's definition does not say.
const char* const sequence =
    "SELECT s.last_value, s.is_called, q.seqtypid::regtype, seqstart, seqincrement, seqmin, "
    "seqmax, "
    "seqcache, seqcycle, c.relacl, obj_description(c.oid), pg_get_userbyid(c.relowner) "
    "FROM t_id_seq s, pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid "
    "WHERE c.relname = 't_id_seq'";
const char* const rows_of_t = "SELECT id, a FROM t ORDER BY id";

bool is_postgresql()
{
    return test::engine() == Engine::postgresql;
}

const Column& key_of(const std::vector<Table>& tables)
{
    return tables.at(0).columns.at(0);
}

} // namespace

TEST_CASE("a serial column becomes an identity that goes on where it was, and a serial again")
{
    if (!is_postgresql()) {
        return; // the others know no such difference
    }
    Life life(serial, on);
    const std::vector<Table> before = life.tables();
    const std::string numbers = life.rows(sequence);
    life.expand();
    CHECK(key_of(life.tables()).is_identity);
    CHECK(life.rows(sequence) == numbers);
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK(life.rows(sequence) == numbers);
    life.expand();
    life.migrate();
    life.database.run("INSERT INTO t (a) VALUES ('new'); INSERT INTO t VALUES (8, 'given'), "
                      "(nextval('t_id_seq'), 'old')");
    CHECK(life.rows("SELECT id FROM t WHERE a IN ('new', 'old') ORDER BY id") == "22|\n27|\n");
    life.contract();
    life.rollback();
    CHECK(key_of(life.tables()).is_identity); // as it was before contract
    life.contract();
    life.purge();
    test::check_nothing_left(life.tables());
}

TEST_CASE("a column that the application numbered numbers itself after the greatest value")
{
    if (!is_postgresql()) {
        Life life(test::table("a int") + "INSERT INTO t VALUES (1, 1)",
                  change("change_column", "column = \"a\"\nidentity = true"));
        const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
        CHECK(error.kind == ErrorKind::refused);
        return;
    }
    Life life("CREATE TABLE t (id integer PRIMARY KEY, a text);"
              "INSERT INTO t VALUES (5, 'x'), (77, 'y');",
              on);
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    test::check_same_tables(before, life.tables());
    life.database.run("INSERT INTO t VALUES (90, 'late')");
    life.contract();
    life.database.run("INSERT INTO t (a) VALUES ('new'); INSERT INTO t VALUES (3, 'given')");
    CHECK(life.rows("SELECT id FROM t WHERE a = 'new'") == "91|\n");
    life.rollback();
    test::check_same_tables(before, life.tables());
    life.database.run("INSERT INTO t VALUES (200, 'old')");
    life.contract();
    life.database.run("INSERT INTO t (a) VALUES ('again')");
    CHECK(life.rows("SELECT id FROM t WHERE a = 'again'") == "201|\n");
    life.purge();
    test::check_nothing_left(life.tables());
}

TEST_CASE("an identity ends with contract, and comes back past what the application gave meanwhile")
{
    if (!is_postgresql()) {
        Life life("CREATE TABLE t (id " + by_engine("", "int AUTO_INCREMENT", "INTEGER") +
                      " PRIMARY KEY, a int)",
                  off);
        CHECK(test::error_of([&] { (void)life.runner().expand(life.migration()); }).kind ==
              ErrorKind::refused);
        return;
    }
    Life life(identity, off);
    const std::vector<Table> before = life.tables();
    const std::string numbers = life.rows(sequence);
    life.expand();
    life.migrate();
    test::check_same_tables(before, life.tables());
    life.contract();
    CHECK_FALSE(key_of(life.tables()).is_identity);
    life.rollback();
    test::check_same_tables(before, life.tables());
    CHECK(life.rows(sequence) == numbers);
    life.contract();
    life.database.run("INSERT INTO t VALUES (35, 'given')");
    life.rollback();
    life.database.run("INSERT INTO t (a) VALUES ('next')");
    CHECK(life.rows("SELECT id FROM t WHERE a = 'next'") == "45|\n");
    life.contract();
    life.purge();
    test::check_nothing_left(life.tables());
    CHECK(key_of(life.tables()).sequences.empty());
    CHECK(life.rows("SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relname LIKE "
                    "'%t_id_seq'") == "0|\n");
}

TEST_CASE("no number is given twice, and no insert fails, while a serial becomes an identity")
{
    if (!is_postgresql()) {
        return;
    }
    Life life("CREATE TABLE t (id serial PRIMARY KEY, a text);", on);
    std::atomic<bool> is_over = false;
    std::atomic<bool> has_failed = false;
    std::atomic<int> written = 0;
    std::string failure;
    std::jthread writer([&] {
        try {
            Session session = life.database.open();
            session.execute("SET lock_timeout = 0");
            for (; !is_over; ++written) {
                session.execute("INSERT INTO t (a) VALUES ('" + std::to_string(written) + "')");
            }
        } catch (const Error& error) {
            failure = error.message;
            has_failed = true;
        }
    });
    const auto wait = [&] {
        for (const int enough = written + 20; written < enough && !has_failed;) {
            std::this_thread::yield();
        }
    };
    wait();
    for (int n = 0; n < 3; ++n) {
        life.expand();
        wait();
        life.rollback();
        wait();
    }
    is_over = true;
    writer.join();
    CHECK_MESSAGE(failure.empty(), failure);
    CHECK(life.rows("SELECT count(DISTINCT id) FROM t") == std::to_string(written) + "|\n");
}

TEST_CASE("a column that is not ready to number itself is refused with what it lacks")
{
    if (!is_postgresql()) {
        return;
    }
    for (const auto& [setup, what] : std::vector<std::pair<std::string, std::string>>{
             {"CREATE TABLE t (id int, a int)", "may be NULL"},
             {"CREATE TABLE t (id text PRIMARY KEY)", "cannot number itself"},
             {"CREATE TABLE t (id int NOT NULL DEFAULT 5)", "has the default 5"},
             {"CREATE TABLE t (id int NOT NULL)", "no index begins with"},
             {"CREATE SEQUENCE s; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('s'))",
              "does not belong to it"},
             {"CREATE TABLE t (id serial PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY DEFAULT "
              "nextval('t_id_seq'))",
              "by the sequence of \"id\" too"},
             {"CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY)", "already"}}) {
        CAPTURE(setup);
        Life life(setup, on);
        CHECK_THROWS_WITH_AS((void)life.runner().expand(life.migration()),
                             doctest::Contains(what.c_str()), Error);
    }
}
