// A statement that does more than it says: an index that goes with a column, a view with CASCADE.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::by_engine;
using test::Life;
using test::table;

namespace {

std::string laden()
{
    return table("a int, b int") + "CREATE INDEX t_both ON t (a, b);" +
           "INSERT INTO t VALUES (1, 1, 1);";
}

std::string dropping(const std::string& how)
{
    return "[[contract]]\nsql = \"ALTER TABLE t DROP COLUMN a" + how + "\"\nundo = false\n";
}

} // namespace

TEST_CASE("an index that would go, or shrink, with a written-out DROP COLUMN is told in time")
{
    if (test::engine() == Engine::sqlite) {
        return; // which refuses such a statement by itself
    }
    Life life(laden(), dropping(""));
    life.expand();
    life.migrate();
    const std::vector<Table> tables = life.tables();
    const Error error = test::error_of([&] { (void)life.runner().contract(life.migration()); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("t_both") != std::string::npos);
    if (test::engine() == Engine::postgresql) { // whose DDL is taken back
        test::check_same_tables(tables, life.tables());
        CHECK(error.details.hint.find("Nothing was done") != std::string::npos);
    }
}

TEST_CASE("a view that would go with CASCADE is told, and nothing is done")
{
    if (test::engine() != Engine::postgresql) {
        return; // the others know no CASCADE here
    }
    Life life(laden() + "DROP INDEX t_both; CREATE VIEW seen AS SELECT a FROM t;",
              dropping(" CASCADE"));
    life.expand();
    life.migrate();
    const Error error = test::error_of([&] { (void)life.runner().contract(life.migration()); });
    CHECK(error.message.find("view \"seen\"") != std::string::npos);
    CHECK(life.rows("SELECT a FROM seen") == "1|\n");
}
