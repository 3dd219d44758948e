// Partitioned tables: walked as one, whatever partitions come and go meanwhile.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <variant>

using namespace sluice;
using test::by_engine;
using test::change;
using test::Life;

namespace {

bool has_partitions()
{
    return test::engine() != Engine::sqlite;
}

/// By region; on PostgreSQL one region is divided again, by id.
std::string parted()
{
    return "CREATE TABLE t (id bigint NOT NULL, region int NOT NULL, a varchar(20) NOT NULL, b "
           "int, "
           "PRIMARY KEY (id, region)) PARTITION BY LIST " +
           by_engine("(region); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); "
                     "CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2) PARTITION BY RANGE (id); "
                     "CREATE TABLE t_2_low PARTITION OF t_2 FOR VALUES FROM (0) TO (100); "
                     "CREATE TABLE t_2_high PARTITION OF t_2 FOR VALUES FROM (100) TO (1000000); "
                     "CREATE TABLE t_3 PARTITION OF t FOR VALUES IN (3); ",
                     "(region) (PARTITION t_1 VALUES IN (1), PARTITION t_2 VALUES IN (2), "
                     "PARTITION t_3 VALUES IN (3)); ",
                     "") +
           "CREATE INDEX t_a ON t (a, b); INSERT INTO t VALUES (1, 1, 'one', 1), (2, 2, 'two', 2), "
           "(200, 2, 'many', 3), (3, 3, 'three', NULL);";
}

constexpr const char* rows_of_t = "SELECT id, region, a, b FROM t ORDER BY id";

void lives(const std::string& kind, const std::string& rest, const std::string& after = rows_of_t)
{
    CAPTURE(kind);
    const std::string rows =
        kind == "drop_column" ? "1|1|one|\n2|2|two|\n3|3|three|\n200|2|many|\n" : "";
    test::live_through({.setup = parted(),
                        .migration = change(kind, rest),
                        .before = rows_of_t,
                        .after = after,
                        .rows_after = rows});
}

std::string refusal_of(const std::string& setup, const std::string& migration)
{
    Life life(setup, migration);
    return test::error_of([&] { (void)life.runner().plan(life.migration()); }).message;
}

const Table& table_t(const std::vector<Table>& tables)
{
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [](const Table& table) { return table.name.name == "t"; });
    REQUIRE(found != tables.end());
    return *found;
}

} // namespace

TEST_CASE("a partitioned table is changed as any other, and its partitions with it")
{
    if (!has_partitions()) {
        return;
    }
    lives("rename_column", "from = \"a\"\nto = \"word\"\n",
          "SELECT id, region, word, b FROM t ORDER BY id");
    lives("change_column", "column = \"b\"\ntype = \"bigint\"\n");
    lives("drop_column", "column = \"b\"\n", "SELECT id, region, a FROM t ORDER BY id");
    lives("add_index", "name = \"t_new\"\ncolumns = [\"b DESC\"]\n");
    lives("add_index", "name = \"t_new\"\ncolumns = [\"id\", \"region\", \"b\"]\nunique = true\n");
    lives("drop_not_null", "column = \"a\"\n");
}

TEST_CASE("a dropped index of a partitioned table comes back, and is one of each partition")
{
    if (!has_partitions()) {
        return;
    }
    Life life(parted(), change("drop_index", "name = \"t_a\"\n"));
    const std::vector<Table> before = life.tables();
    life.expand();
    life.migrate();
    life.contract();
    life.rollback(); // the partitions' own may have other names by now
    life.rollback();
    const std::vector<Table> after = life.tables();
    CHECK(differences(table_t(before), table_t(after)).empty());
    REQUIRE(before.size() == after.size());
    for (std::size_t n = 0; n < before.size(); ++n) {
        CHECK(before[n].indexes.size() == after[n].indexes.size());
    }
}

TEST_CASE("NOT NULL and a CHECK are set in a partitioned table while it is written")
{
    if (!has_partitions()) {
        return;
    }
    const std::string setup = parted() + "UPDATE t SET b = 4 WHERE b IS NULL;";
    test::live_through({.setup = setup,
                        .migration = change("set_not_null", "column = \"b\"\n"),
                        .before = rows_of_t,
                        .after = rows_of_t});
    if (test::engine() == Engine::postgresql) {
        test::live_through(
            {.setup = setup,
             .migration = change("add_check", "name = \"t_small\"\ncheck = \"b < 1000\"\n"),
             .before = rows_of_t,
             .after = rows_of_t});
    }
}

TEST_CASE("partitions come and go, and rows move between them, while rows are migrated")
{
    if (!has_partitions()) {
        return;
    }
    Life life(parted() + "INSERT INTO t VALUES (4, 1, 'x', 1), (5, 1, 'y', 1), (6, 1, 'z', 1);",
              change("rename_column", "from = \"a\"\nto = \"word\"\n"));
    life.expand();
    life.database.run(by_engine("DROP TABLE t_3", "ALTER TABLE t DROP PARTITION t_3", ""));
    int batches = 0;
    life.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) && ++batches == 1) {
            life.database.run(
                by_engine("CREATE TABLE t_4 PARTITION OF t FOR VALUES IN (4);",
                          "ALTER TABLE t ADD PARTITION (PARTITION t_4 VALUES IN (4));", "") +
                "INSERT INTO t (id, region, a, b) VALUES (0, 4, 'four', 4);"
                "UPDATE t SET region = 1 WHERE id = 200;"
                "UPDATE t SET region = 4, a = 'first' WHERE id = 1;");
        }
    };
    life.migrate();
    CHECK(batches > 1);
    life.contract();
    CHECK(life.rows("SELECT id, region, word, b FROM t ORDER BY id") ==
          "0|4|four|4|\n1|4|first|1|\n2|2|two|2|\n4|1|x|1|\n5|1|y|1|\n6|1|z|1|\n200|1|many|3|\n");
    CHECK(life.database.value(by_engine("SELECT count(*) FROM pg_index WHERE NOT indisvalid",
                                        "SELECT 0", "")) == "0");
    life.purge();
    test::check_nothing_left(life.tables());
}

TEST_CASE("what a partitioned table cannot have without a long lock is refused, and why")
{
    if (!has_partitions()) {
        return;
    }
    CHECK(refusal_of(parted(), change("change_column", "column = \"region\"\ntype = \"bigint\"\n"))
              .find("cannot be changed while") != std::string::npos);
    if (test::engine() == Engine::mysql) {
        return; // where such a table has no foreign keys
    }
    const std::string other = "CREATE TABLE other (id bigint PRIMARY KEY);";
    CHECK(refusal_of(other + parted(),
                     change("add_foreign_key", "name = \"t_other\"\ncolumns = [\"id\"]\n"
                                               "references = \"other\"\n"))
              .find("shutting writers out") != std::string::npos);
    CHECK(refusal_of(parted(), change("add_unique", "name = \"t_once\"\ncolumns = [\"id\", "
                                                    "\"region\", \"a\"]\n"))
              .find("the constraint \"t_once\"") != std::string::npos);
    const std::string of_partition =
        "[[change]]\nkind = \"drop_column\"\ntable = \"t_1\"\ncolumn = \"b\"\n";
    CHECK(refusal_of(parted(), of_partition).find("is a partition") != std::string::npos);
}
