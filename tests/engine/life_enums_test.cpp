// The values of an enumeration change: more, fewer, others, in another order.

#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using test::by_engine;
using test::change;
using test::Life;

namespace {

const std::string rows =
    "INSERT INTO t (id, a) VALUES (1, 'new'), (2, 'paid'), (3, 'sent'), (4, 'it''s'), (5, 'paid');";

std::string setup()
{
    return by_engine(
               "CREATE TYPE state AS ENUM ('new', 'paid', 'sent', 'it''s');"
               "COMMENT ON TYPE state IS 'of an order';"
               "REVOKE USAGE ON TYPE state FROM PUBLIC;"
               "CREATE TABLE t (id bigint PRIMARY KEY, a state NOT NULL DEFAULT 'new', b int);"
               "CREATE INDEX t_a ON t (a, b);",
               "CREATE TABLE t (id bigint PRIMARY KEY, a ENUM('new','paid','sent','it''s') "
               "NOT NULL DEFAULT 'new', b int, INDEX t_a (a, b)) ENGINE=InnoDB;",
               "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT);") +
           rows;
}

const std::string more =
    change("change_enum", "column = \"a\"\nvalues = [\"new\", \"open\", \"paid\", \"sent\", "
                          "\"it's\", \"lost\"]");
const std::string fewer =
    change("change_enum", "column = \"a\"\nvalues = [\"sent\", \"paid\", \"open\"]\nmap = { new = "
                          "\"open\", \"it's\" = \"open\" }");

bool is_refused_here()
{
    if (test::engine() != Engine::sqlite) {
        return false;
    }
    Life life(setup(), more);
    const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.details.hint.find("add_check") != std::string::npos);
    return true;
}

std::vector<EnumType> enums_of(const Life& life)
{
    Session session = life.database.open();
    return read_catalog(session).enums;
}

const char* const by_key = "SELECT id, a, b FROM t ORDER BY id";

} // namespace

TEST_CASE("an enumeration gets more values, through its whole life")
{
    if (is_refused_here()) {
        return;
    }
    test::live_through({.setup = setup(), .migration = more, .before = by_key, .after = by_key});
}

TEST_CASE("an enumeration gets fewer values in another order, and rows become what the map says")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused: see above
    }
    test::live_through({.setup = setup(),
                        .migration = fewer,
                        .before = by_key,
                        .after = by_key,
                        .rows_after = "1|open|NULL|\n2|paid|NULL|\n3|sent|NULL|\n4|open|NULL|\n"
                                      "5|paid|NULL|\n"});
}

TEST_CASE("each version of the application writes its own values while they change")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    Life life(setup(), fewer);
    life.expand();
    life.database.run("INSERT INTO t (id, a) VALUES (6, 'it''s');"
                      "INSERT INTO t (id, sluice_new_a) VALUES (7, 'open');"
                      "UPDATE t SET sluice_new_a = 'sent' WHERE id = 1");
    life.migrate();
    CHECK(life.rows("SELECT id, a, sluice_new_a FROM t WHERE id IN (1, 4, 6, 7) ORDER BY id") ==
          "1|sent|sent|\n4|it's|open|\n6|it's|open|\n7|new|open|\n");
    life.contract();
    life.database.run("INSERT INTO t (id) VALUES (8); UPDATE t SET a = 'open' WHERE id = 2");
    CHECK(life.rows("SELECT id, a FROM t WHERE id IN (2, 8) ORDER BY id") == "2|open|\n8|open|\n");
    life.rollback();
    CHECK(life.rows("SELECT id, a FROM t WHERE id IN (1, 2, 8) ORDER BY id") ==
          "1|sent|\n2|new|\n8|new|\n");
}

TEST_CASE("a value that goes without a word in the map stops the migration where a row has it")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    Life life(setup(),
              change("change_enum", "column = \"a\"\nvalues = [\"new\", \"paid\", \"it's\"]"));
    life.expand();
    const Error error = test::error_of([&] { (void)life.runner().migrate(life.migration()); });
    CHECK(error.message.find("3") != std::string::npos);
    life.database.run("UPDATE t SET a = 'paid' WHERE id = 3");
    life.migrate();
    life.contract();
    CHECK(life.state() == State::contracted);
}

TEST_CASE("PostgreSQL: a type keeps its name, owner, rights and comment, and comes back as it was")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Life life(setup(), more);
    const std::vector<EnumType> before = enums_of(life);
    REQUIRE(before.size() == 1);
    life.expand();
    life.rollback();
    CHECK(enums_of(life) == before);
    life.expand();
    life.migrate();
    life.contract();
    life.rollback();
    life.contract();
    life.purge();
    const std::vector<EnumType> after = enums_of(life);
    REQUIRE(after.size() == 1);
    CHECK(after[0].name == before[0].name);
    CHECK(after[0].comment == "of an order");
    CHECK(after[0].grants == before[0].grants);
    CHECK(after[0].values ==
          std::vector<std::string>{"new", "open", "paid", "sent", "it's", "lost"});
    CHECK(life.rows("SELECT has_type_privilege('public', 'state', 'USAGE')") == "f|\n");
}

TEST_CASE("PostgreSQL: a type that something else uses is left alone, and that is named")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    for (const auto& [more_setup, user] : std::vector<std::pair<std::string, std::string>>{
             {"CREATE TABLE u (id int PRIMARY KEY, s state)", "column \"s\" of table \"public.u\""},
             {"CREATE TABLE u (id int PRIMARY KEY, s state[])", "column \"s\""},
             {"CREATE DOMAIN d AS state", "type d"},
             {"CREATE FUNCTION f(state) RETURNS int LANGUAGE sql AS 'SELECT 1'",
              "function f(state)"},
             {"CREATE VIEW v AS SELECT 'new'::state AS s", "view v"},
             {"CREATE INDEX t_new ON t (b) WHERE a = 'new'", "index t_new"},
             {"ALTER TABLE t ADD CONSTRAINT t_check CHECK (a <> 'sent' OR b > 0)", "t_check"}}) {
        CAPTURE(more_setup);
        Life life(setup() + more_setup, more);
        CHECK_THROWS_WITH_AS((void)life.runner().expand(life.migration()),
                             doctest::Contains(user.c_str()), Error);
    }
}

TEST_CASE("PostgreSQL: whatever hangs on a column of an enumeration is there with its new values")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Life life(setup() + "COMMENT ON COLUMN t.a IS 'how it is';"
                        "ALTER TABLE t ALTER a SET STATISTICS 500, ALTER a SET (n_distinct = 2);"
                        "CREATE UNIQUE INDEX t_all ON t (a DESC NULLS LAST, id) INCLUDE (b) WITH "
                        "(fillfactor = 70); COMMENT ON INDEX t_all IS 'all of it';"
                        "ALTER TABLE t ADD CONSTRAINT once UNIQUE (a, id) DEFERRABLE;"
                        "ALTER TABLE t REPLICA IDENTITY FULL; ALTER TABLE t ENABLE ROW LEVEL "
                        "SECURITY; CREATE POLICY own ON t USING (b > 0);"
                        "GRANT UPDATE (a) ON t TO PUBLIC; GRANT SELECT ON t TO PUBLIC",
              more);
    const Table before = life.tables().at(0);
    life.expand();
    life.migrate();
    life.contract();
    life.purge();
    Table after = life.tables().at(0);
    std::rotate(after.columns.begin() + 1, after.columns.end() - 1,
                after.columns.end()); // it is last
    test::check_same_tables({before}, {after});
}
