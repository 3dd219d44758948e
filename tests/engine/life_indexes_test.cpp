// Indexes come and go: the whole life of each, with what each engine lets an index be.

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

std::string words()
{
    return table("a varchar(20), b varchar(20)") +
           "INSERT INTO t VALUES (1, 'x', 'p'), (2, 'y', NULL), (3, NULL, 'P');";
}

void index_lives(const std::string& rest)
{
    CAPTURE(rest);
    const std::string migration = change("add_index", "name = \"t_new\"\n" + rest);
    test::live_through(
        {.setup = words(), .migration = migration, .before = rows_of_t, .after = rows_of_t});
}

} // namespace

TEST_CASE("an index with all that its engine knows is built under writers, and taken back")
{
    index_lives("columns = [\"a\", \"b DESC\"]\n");
    index_lives("columns = [\"a\"]\nunique = true\n");
    if (test::engine() == Engine::postgresql) {
        index_lives("columns = [\"a DESC NULLS LAST\", \"b COLLATE \\\"C\\\" text_pattern_ops\"]\n"
                    "include = [\"id\"]\nwhere = \"a IS NOT NULL\"\n");
        index_lives("columns = [\"a\"]\nmethod = \"hash\"\n");
        index_lives("columns = [\"(lower(a))\"]\nunique = true\nnulls_not_distinct = true\n");
    }
    if (test::engine() == Engine::mysql) {
        index_lives("columns = [\"a(10)\", \"b(5)\"]\n");
    }
    if (test::engine() == Engine::sqlite) {
        index_lives("columns = [\"a COLLATE NOCASE\", \"(lower(b)) DESC\"]\n"
                    "where = \"a IS NOT NULL\"\n");
    }
}

TEST_CASE("what an engine's indexes do not have is refused with what would do instead")
{
    const std::string rest = by_engine("", "where = \"a IS NOT NULL\"\n", "include = [\"b\"]\n");
    if (rest.empty()) {
        return; // PostgreSQL has it all
    }
    Life life(words(), change("add_index", "name = \"t_new\"\ncolumns = [\"a\"]\n" + rest));
    const Error error = test::error_of([&] { (void)life.runner().expand(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK_FALSE(error.details.hint.empty());
}

TEST_CASE("an index of another table of the same name is neither taken for ours nor dropped")
{
    const std::string other = "CREATE TABLE other (id int NOT NULL PRIMARY KEY, a int);"
                              "CREATE INDEX t_new ON other (a);";
    Life life(words() + other, change("add_index", "name = \"t_new\"\ncolumns = [\"a\"]\n"));
    const std::vector<Table> tables = life.tables();
    if (test::engine() == Engine::mysql) { // where each table has names of its own
        life.expand();
        life.rollback();
    } else {
        CHECK(test::error_of([&] {
                  (void)life.runner().expand(life.migration());
              }).message.find("t_new") != std::string::npos);
        if (life.state() != State::pending) {
            life.rollback();
        }
    }
    test::check_same_tables(tables, life.tables());
}

TEST_CASE("a dropped index comes back as it was")
{
    const std::string index =
        by_engine("CREATE UNIQUE INDEX t_old ON t (a DESC NULLS LAST, lower(b)) INCLUDE (id) "
                  "WHERE b IS NOT NULL",
                  "CREATE UNIQUE INDEX t_old ON t (a(7), b)",
                  "CREATE UNIQUE INDEX t_old ON t (a COLLATE NOCASE DESC, lower(b)) "
                  "WHERE b IS NOT NULL");
    test::live_through({.setup = words() + index,
                        .migration = change("drop_index", "name = \"t_old\"\n"),
                        .before = rows_of_t,
                        .after = rows_of_t});
}

TEST_CASE("MySQL: a table with a FULLTEXT index is refused columns, which would shut writers out")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    Life life(words() + "CREATE FULLTEXT INDEX t_words ON t (a);",
              change("rename_column", "from = \"b\"\nto = \"c\"\n"));
    const Error error = test::error_of([&] { (void)life.runner().plan(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("\"t_words\"") != std::string::npos);
    CHECK(test::error_of([&] {
              life.database.run("ALTER TABLE t ADD COLUMN c int, LOCK=NONE");
          }).message.find("LOCK=NONE is not supported") != std::string::npos);
}
