// Tables with foreign keys that get a successor: both hold what they refer to, cascades reach both,
// and who refers to the old one refers to the new one from contract on.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using test::by_engine;
using test::check_mentions;
using test::Life;
using test::refusal;
using test::run_held;

namespace {

std::string key_type()
{
    return by_engine("bigint", "bigint", "INTEGER");
}

/// Each foreign key of "t" has another rule. Some have no name; some are over one column.
std::string tied()
{
    const std::string key = key_type();
    const std::string id = "id " + key + " PRIMARY KEY";
    return "CREATE TABLE owner (" + id +
           "); CREATE TABLE kind (code varchar(10) NOT NULL PRIMARY "
           "KEY); CREATE TABLE place (" +
           id + "); CREATE TABLE t (" + id + ", owner_id " + key + " NOT NULL, code varchar(10), " +
           "place_id " + key + ", note varchar(5) NOT NULL DEFAULT '-'" +
           ", CONSTRAINT t_owner FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE CASCADE"
           ", FOREIGN KEY (code) REFERENCES kind (code) ON DELETE SET NULL ON UPDATE CASCADE"
           ", CONSTRAINT t_place FOREIGN KEY (place_id) REFERENCES place (id)" +
           by_engine(" DEFERRABLE INITIALLY DEFERRED", "", " DEFERRABLE INITIALLY DEFERRED") +
           ");"
           "INSERT INTO owner VALUES (1), (2), (3); INSERT INTO kind VALUES ('a'), ('b'), ('c');"
           "INSERT INTO place VALUES (1), (2), (3);"
           "INSERT INTO t VALUES (1, 1, 'a', 1, 'one'), (2, 2, 'b', 2, 'two'), "
           "(3, 3, NULL, NULL, 'three'), (4, 3, 'c', 3, 'four');" +
           by_engine("SET CONSTRAINTS ALL IMMEDIATE;", "", "");
}

/// Of "t" to "news", with `note` called `words` and wider.
std::string successor(const std::string& more = {})
{
    const std::string key = key_type();
    return "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"news\"\nprimary_key = "
           "[\"id\"]\ncolumns = [\n{ name = \"id\", type = \"" +
           key + "\" },\n{ name = \"owner_id\", type = \"" + key +
           "\", nullable = false },\n{ name = \"code\", type = \"varchar(10)\" },\n"
           "{ name = \"place\", type = \"" +
           key +
           "\", value = \"place_id\" },\n{ name = \"words\", type = \"varchar(40)\", value = "
           "\"note\" },\n" +
           more + "]\n";
}

bool is_refused(const Life& life, const std::string& sql)
{
    try {
        run_held(life, sql);
        return false;
    } catch (const Error& error) {
        CHECK(error.details.cause == Cause::constraint);
        return true;
    }
}

constexpr const char* all_old = "SELECT id, owner_id, code, place_id, note FROM t ORDER BY id";
constexpr const char* all_new = "SELECT id, owner_id, code, place, words FROM news ORDER BY id";
constexpr const char* all_kept =
    "SELECT id, owner_id, code, place_id, note FROM sluice_kept_t ORDER BY id";

const Table& table_in(const std::vector<Table>& tables, const std::string& name)
{
    return *std::find_if(tables.begin(), tables.end(),
                         [&](const Table& table) { return table.name.name == name; });
}

/// "child" and "nephew" refer to "t"; the key of the second has no name.
std::string referred()
{
    return tied() + "CREATE TABLE child (id " + key_type() + " PRIMARY KEY, t_id " + key_type() +
           " NOT NULL, CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE);"
           "CREATE TABLE nephew (id " +
           key_type() + " PRIMARY KEY, t_id " + key_type() +
           ", FOREIGN KEY (t_id) REFERENCES t (id));"
           "INSERT INTO child VALUES (1, 1), (2, 2), (3, 2); INSERT INTO nephew VALUES (1, 3), "
           "(2, NULL);";
}

} // namespace

TEST_CASE("a table with foreign keys lives through its succession, there and back and there again")
{
    test::live_through(
        {.setup = tied(), .migration = successor(), .before = all_old, .after = all_new});
}

TEST_CASE("the successor has the foreign keys of the old table, under their names once that is "
          "gone")
{
    Life life(tied(), successor());
    const Table old = table_in(life.tables(), "t");
    life.expand();
    CHECK(table_in(life.tables(), "news").foreign_keys.size() == 3);
    CHECK(is_refused(life, "INSERT INTO news (id, owner_id) VALUES (9, 9)"));
    life.migrate();
    life.contract();
    life.purge();
    const Table next = table_in(life.tables(), "news");
    REQUIRE(next.foreign_keys.size() == old.foreign_keys.size());
    for (const ForeignKey& key : old.foreign_keys) {
        const auto found =
            std::find_if(next.foreign_keys.begin(), next.foreign_keys.end(),
                         [&](const ForeignKey& each) { return each.referenced == key.referenced; });
        REQUIRE(found != next.foreign_keys.end());
        CHECK(found->on_delete == key.on_delete);
        CHECK(found->on_update == key.on_update);
        CHECK(found->options == key.options);
        CHECK(found->referenced_columns == key.referenced_columns);
        if (key.name.rfind("t_owner", 0) == 0 || key.name.rfind("t_place", 0) == 0) {
            CHECK(found->name == key.name);
        }
    }
    CHECK(is_refused(life, "INSERT INTO news (id, owner_id) VALUES (9, 9)"));
    CHECK(is_refused(life, "DELETE FROM place WHERE id = 3"));
}

TEST_CASE("what foreign keys do to the rows of two tables in step they do to both")
{
    Life life(tied(), successor());
    life.expand();
    life.migrate();
    const auto check_both = [&](const std::string& rows, const char* old) {
        CHECK(life.rows(old) == rows);
        CHECK(life.rows(all_new) == rows);
    };
    run_held(life, "DELETE FROM owner WHERE id = 1; UPDATE kind SET code = 'z' WHERE code = 'b'; "
                   "DELETE FROM kind WHERE code = 'c'");
    check_both("2|2|z|2|two|\n3|3|NULL|NULL|three|\n4|3|NULL|3|four|\n", all_old);
    for (const VerifyReport& report : life.runner().verify(life.migration())) {
        CHECK(report.passed());
    }
    life.contract();
    run_held(life,
             "DELETE FROM owner WHERE id = 2; INSERT INTO news (id, owner_id, code, place, "
             "words) VALUES (5, 3, 'z', 2, 'five'), (6, 3, 'z', NULL, 'six'); UPDATE kind SET "
             "code = 'y' WHERE code = 'z'");
    check_both("3|3|NULL|NULL|three|\n4|3|NULL|3|four|\n5|3|y|2|five|\n6|3|y|NULL|six|\n",
               all_kept);
    run_held(life, "DELETE FROM kind WHERE code = 'y'; DELETE FROM news WHERE id = 4");
    run_held(life, "DELETE FROM place WHERE id = 3");
    check_both("3|3|NULL|NULL|three|\n5|3|NULL|2|five|\n6|3|NULL|NULL|six|\n", all_kept);
    life.rollback();
    check_both("3|3|NULL|NULL|three|\n5|3|NULL|2|five|\n6|3|NULL|NULL|six|\n", all_old);
    run_held(life, "DELETE FROM owner");
    check_both("", all_old);
}

TEST_CASE("a kept row that was not carried stops nobody, and stops the way back with its key")
{
    Life life(tied(), successor());
    life.expand();
    life.migrate();
    const std::vector<Table> migrated = life.tables();
    life.contract();
    const std::vector<Table> contracted = life.tables();
    const bool is_checked = test::engine() != Engine::sqlite; // where a length is a remark
    run_held(life, is_checked ? "UPDATE news SET words = NULL, place = 2 WHERE id = 4"
                              : "UPDATE sluice_kept_t SET place_id = 3 WHERE id = 4; UPDATE news "
                                "SET words = NULL, place = 2 WHERE id = 4");
    CHECK(life.rows("SELECT place_id FROM sluice_kept_t WHERE id = 4") == "3|\n");
    run_held(life, "DELETE FROM place WHERE id = 3");
    const Error error = test::error_of([&] { (void)life.runner().rollback(life.migration()); });
    check_mentions(error.message,
                   {"sluice_kept_t", "t_place", by_engine("keys: (4)", "(4)", "key: 4")});
    run_held(life, "INSERT INTO place VALUES (3)");
    life.rollback();
    test::check_same_tables(migrated, life.tables());
    run_held(life, "UPDATE t SET note = 'new', place_id = 2 WHERE id = 4");
    life.contract();
    test::check_same_tables(contracted, life.tables());
}

TEST_CASE("a foreign key over columns that the successor does not hold as they are is left out")
{
    const std::string file =
        "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"news\"\nprimary_key = "
        "[\"id\"]\ncolumns = [\n{ name = \"id\", type = \"" +
        key_type() + "\" },\n{ name = \"owner_id\", type = \"" + key_type() +
        "\", nullable = false },\n{ name = \"code\", type = \"varchar(10)\" },\n"
        "{ name = \"spot\", type = \"" +
        key_type() +
        "\", value = \"place_id * 10\" },\n{ name = \"note\", type = \"varchar(40)\" },\n]\n"
        "downs = { place_id = \"" +
        by_engine("spot / 10", "spot DIV 10", "spot / 10") + "\" }\n";
    if (test::engine() != Engine::mysql) { // the key there is INITIALLY DEFERRED
        check_mentions(refusal(tied(), file), {"t_place", "only when a transaction ends"});
    }
    std::string setup = tied();
    const std::string deferred = " DEFERRABLE INITIALLY DEFERRED";
    if (const std::size_t at = setup.find(deferred); at != std::string::npos) {
        setup.erase(at, deferred.size());
    }
    const char* const after = "SELECT id, owner_id, code, spot, note FROM news ORDER BY id";
    test::live_through({.setup = setup,
                        .migration = file,
                        .before = all_old,
                        .after = after,
                        .rows_after = "1|1|a|10|one|\n2|2|b|20|two|\n3|3|NULL|NULL|three|\n"
                                      "4|3|c|30|four|\n"});
    Life life(setup, file);
    life.expand();
    CHECK(table_in(life.tables(), "news").foreign_keys.size() == 2);
    const std::string odd = "INSERT INTO news (id, owner_id, spot, note) VALUES (9, 1, 990, 'x')";
    if (test::engine() == Engine::sqlite) { // whose triggers cannot leave out what a key refuses
        CHECK(is_refused(life, odd));
    } else {
        run_held(life, odd);
        CHECK(life.rows("SELECT id FROM t WHERE id = 9").empty());
        CHECK_THROWS_WITH_AS((void)life.runner().migrate(life.migration()), doctest::Contains("9"),
                             Error);
        run_held(life, "DELETE FROM news WHERE id = 9");
    }
    life.migrate();
    life.contract();
    run_held(life, odd);
    CHECK(life.rows("SELECT place_id FROM sluice_kept_t WHERE id = 9") == "99|\n");
    run_held(life, "DELETE FROM place WHERE id = 1");
}

TEST_CASE("MySQL: what a cascade writes is not computed from, nor lost, where no trigger sees it")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    check_mentions(refusal(tied(), successor("{ name = \"upper_code\", type = \"varchar(10)\", "
                                             "value = \"upper(code)\" },\n")),
                   {"writes \"code\", which no trigger sees", "upper_code"});
    std::string file = successor();
    file.replace(file.find("{ name = \"owner_id\", type = \"bigint\""),
                 std::string("{ name = \"owner_id\", type = \"bigint\"").size(),
                 "{ name = \"owner_id\", type = \"int\"");
    check_mentions(refusal(tied(), file), {"t_owner", "which no trigger sees"});
}

TEST_CASE("who refers to the old table refers to its successor from contract on")
{
    test::live_through(
        {.setup = referred(), .migration = successor(), .before = all_old, .after = all_new});
    Life life(referred(), successor());
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    const std::vector<Table> migrated = life.tables();
    life.contract();
    for (const std::string name : {"child", "nephew"}) {
        const Table& was = table_in(before, name);
        const std::vector<Table> tables = life.tables();
        const Table& is = table_in(tables, name);
        REQUIRE(is.foreign_keys.size() == 1);
        CHECK(is.foreign_keys[0].name == was.foreign_keys[0].name);
        CHECK(is.foreign_keys[0].on_delete == was.foreign_keys[0].on_delete);
        CHECK(is.foreign_keys[0].referenced.name == "news");
        CHECK(is.indexes == was.indexes);
    }
    CHECK(is_refused(life, "INSERT INTO child VALUES (9, 99)"));
    CHECK(is_refused(life, "DELETE FROM news WHERE id = 3"));
    run_held(life, "INSERT INTO news (id, owner_id, words) VALUES (7, 1, 'seven'); INSERT INTO "
                   "child VALUES (7, 7); DELETE FROM news WHERE id = 1");
    CHECK(life.rows("SELECT id, t_id FROM child ORDER BY id") == "2|2|\n3|2|\n7|7|\n");
    life.rollback();
    test::check_same_tables(migrated, life.tables());
    CHECK(is_refused(life, "INSERT INTO child VALUES (9, 99)"));
    run_held(life, "DELETE FROM t WHERE id = 2");
    CHECK(life.rows("SELECT id, t_id FROM child ORDER BY id") == "7|7|\n");
    CHECK(life.rows("SELECT id FROM news ORDER BY id") == "3|\n4|\n7|\n");
    life.rollback();
    test::check_same_tables(before, life.tables());
}

TEST_CASE("a foreign key that the successor cannot take over is refused with what is to be done")
{
    const std::string by_code = "CREATE TABLE child (id " + key_type() +
                                " PRIMARY KEY, note varchar(5), CONSTRAINT child_t FOREIGN KEY "
                                "(note) REFERENCES t (note));";
    const std::string unique = "CREATE UNIQUE INDEX t_note ON t (note);";
    check_mentions(refusal(tied() + unique + by_code, successor()),
                   {"child_t", "child", "news\"", "`indexes`"});
    const std::string moving = "CREATE TABLE child (id " + key_type() + " PRIMARY KEY, t_id " +
                               key_type() +
                               ", CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t "
                               "(id) ON UPDATE CASCADE);";
    check_mentions(refusal(tied() + moving, successor()),
                   {"child_t", "changes rows together with the key"});
}

TEST_CASE("a table that refers to itself is succeeded by one that does")
{
    const std::string setup = "CREATE TABLE t (id " + key_type() + " PRIMARY KEY, boss " +
                              key_type() +
                              ", CONSTRAINT t_boss FOREIGN KEY (boss) REFERENCES t (id));"
                              "INSERT INTO t VALUES (9, NULL), (8, 9), (1, 8), (2, 2), (3, 9);";
    const std::string file =
        "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"news\"\nprimary_key = "
        "[\"id\"]\ncolumns = [\n{ name = \"id\", type = \"" +
        key_type() + "\" },\n{ name = \"head\", type = \"" + key_type() +
        "\", value = \"boss\" },\n]\n";
    test::live_through({.setup = setup,
                        .migration = file,
                        .before = "SELECT id, boss FROM t ORDER BY id",
                        .after = "SELECT id, head FROM news ORDER BY id"});
    Life life(setup, file);
    life.expand();
    run_held(life, by_engine("INSERT INTO t VALUES (21, 20), (20, 9)",
                             "INSERT INTO t VALUES (20, 9), (21, 20)",
                             "INSERT INTO t VALUES (21, 20), (20, 9)"));
    life.migrate();
    life.contract();
    CHECK(table_in(life.tables(), "news").foreign_keys.size() == 1);
    CHECK(is_refused(life, "INSERT INTO news VALUES (30, 31)"));
    CHECK(is_refused(life, "DELETE FROM news WHERE id = 9"));
    run_held(life, by_engine("DELETE FROM news WHERE id IN (20, 21)",
                             "DELETE FROM news WHERE id = 21; DELETE FROM news WHERE id = 20",
                             "DELETE FROM news WHERE id IN (20, 21)"));
    CHECK(life.rows("SELECT id FROM sluice_kept_t ORDER BY id") == "1|\n2|\n3|\n8|\n9|\n");
    life.rollback();
    CHECK(is_refused(life, "DELETE FROM t WHERE id = 9"));
}

TEST_CASE("PostgreSQL: until contract, rows of a successor go before what they refer to")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Life life("CREATE TABLE t (id bigint PRIMARY KEY, boss bigint REFERENCES t (id));"
              "INSERT INTO t VALUES (1, NULL), (2, 1)",
              "[[change]]\nkind = \"copy_table\"\ntable = \"t\"\nto = \"news\"\nprimary_key = "
              "[\"id\"]\ncolumns = [\n{ name = \"id\", type = \"bigint\" },\n{ name = \"boss\", "
              "type = \"bigint\" },\n]\n");
    life.expand();
    life.migrate();
    CHECK(is_refused(life, "DELETE FROM news"));
    run_held(life, "DELETE FROM news WHERE id = 2");
    run_held(life, "INSERT INTO news VALUES (3, 1), (4, 3)");
    run_held(life, "DELETE FROM t");
    CHECK(life.rows("SELECT id FROM news").empty());
}

TEST_CASE("PostgreSQL: a foreign key that was never held against its rows is not on the successor")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const std::string setup = tied() + "INSERT INTO t VALUES (5, 1, NULL, NULL, 'five');"
                                       "ALTER TABLE t DROP CONSTRAINT t_owner;"
                                       "UPDATE t SET owner_id = 77 WHERE id = 5;"
                                       "ALTER TABLE t ADD CONSTRAINT t_owner FOREIGN KEY "
                                       "(owner_id) REFERENCES owner (id) ON DELETE CASCADE NOT "
                                       "VALID; COMMENT ON CONSTRAINT t_place ON t IS 'where';";
    test::live_through(
        {.setup = setup, .migration = successor(), .before = all_old, .after = all_new});
    Life life(setup, successor());
    life.expand();
    life.migrate();
    life.contract();
    const std::vector<Table> tables = life.tables();
    REQUIRE(table_in(tables, "news").foreign_keys.size() == 3);
    for (const ForeignKey& key : table_in(tables, "news").foreign_keys) {
        CHECK(key.not_valid == (key.name == "t_owner"));
        CHECK((key.comment == "where") == (key.name == "t_place"));
    }
}
