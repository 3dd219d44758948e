#include "sluice/db/side_effects.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

using Lines = std::vector<std::string>;

Table orders()
{
    Table table{.name = {.schema = {}, .name = "orders"}};
    table.columns = {{.name = "id"}, {.name = "amount"}, {.name = "note"}};
    table.primary_key = {"id"};
    table.indexes = {{.name = "by_amount", .parts = {{.column = "amount"}}},
                     {.name = "by_both", .parts = {{.column = "amount"}, {.column = "note"}}}};
    table.checks = {{.name = "positive", .expression = "(amount > 0)", .columns = {"amount"}}};
    table.triggers = {{.name = "touch", .timing = "BEFORE", .event = "UPDATE", .body = "note"}};
    table.views = {{.name = {.schema = {}, .name = "notes"}, .definition = "SELECT id, note"}};
    return table;
}

Lines effects(const Table& before, const Table& after, const std::string& sql)
{
    return side_effects(before, after, {sql}, Engine::postgresql);
}

} // namespace

TEST_CASE("what the SQL names may come, go and change")
{
    Table after = orders();
    after.columns.push_back({.name = "city"});
    CHECK(effects(orders(), after, "ALTER TABLE orders ADD COLUMN city text").empty());
    after = orders();
    after.indexes.erase(after.indexes.begin());
    CHECK(effects(orders(), after, "DROP INDEX \"by_amount\"").empty());
    after = orders();
    after.columns[1].nullable = false;
    CHECK(effects(orders(), after, "ALTER TABLE orders ALTER COLUMN Amount SET NOT NULL").empty());
}

TEST_CASE("an index over a dropped column alone goes with it, one over others too is named")
{
    Table after = orders();
    after.columns.erase(after.columns.begin() + 1);
    after.indexes.clear();
    after.checks.clear();
    CHECK(effects(orders(), after, "ALTER TABLE orders DROP COLUMN amount") ==
          Lines{"index \"by_both\" of table \"orders\" has gone"});
}

TEST_CASE("what is computed from a renamed column may change with it, what is not may not")
{
    Table after = orders();
    after.columns[1].name = "total";
    after.indexes[0].parts[0].column = "total";
    after.indexes[1].parts[0].column = "total";
    after.checks[0] = {.name = "positive", .expression = "(total > 0)", .columns = {"total"}};
    const std::string rename = "ALTER TABLE orders RENAME COLUMN amount TO total";
    CHECK(effects(orders(), after, rename).empty());
    after.triggers[0].body = "something else";
    CHECK(effects(orders(), after, rename) ==
          Lines{"trigger \"touch\" of table \"orders\" is not what it was"});
}

TEST_CASE("a view, a trigger or a column that goes or comes unnamed is told")
{
    Table after = orders();
    after.views.clear();
    after.triggers.clear();
    after.columns.pop_back();
    after.indexes.pop_back();
    after.primary_key = {"amount"};
    const Lines told = effects(orders(), after, "ALTER TABLE orders DROP COLUMN note CASCADE");
    CHECK(told == Lines{"index \"by_both\" of table \"orders\" has gone",
                        "trigger \"touch\" of table \"orders\" has gone",
                        "view \"notes\" of table \"orders\" has gone",
                        "the primary key of table \"orders\" is not what it was"});
}

TEST_CASE("names that stand in texts inside the SQL count, and names that are reserved need none")
{
    Table after = orders();
    after.checks.clear();
    after.columns.push_back({.name = "sluice_new_amount"});
    CHECK(effects(orders(), after,
                  "UPDATE sqlite_schema SET sql = sluice_without_constraint(sql, 'positive')")
              .empty());
    CHECK(effects(orders(), after,
                  "DO $$BEGIN EXECUTE 'ALTER TABLE orders DROP CONSTRAINT positive'; END$$")
              .empty());
    CHECK(effects(orders(), after, "SELECT 1").size() == 1);
}
