#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/db/catalog_json.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace sluice;

namespace {

Type text_type()
{
    return {.sql = "character varying(50)", .family = TypeFamily::text, .length = 50};
}

/// A table in which no member has its default, as far as that makes sense.
Table full_table()
{
    Table table{.name = {"billing", "invoice"}, .kind = TableKind::partitioned};
    table.columns = {{.name = "id",
                      .type = {.sql = "bigint", .family = TypeFamily::integer, .bits = 64},
                      .nullable = false,
                      .is_identity = true},
                     {.name = "name",
                      .type = text_type(),
                      .default_sql = "'x'",
                      .collation = "C",
                      .charset = "utf8mb4",
                      .on_update_now = true,
                      .comment = "it's"},
                     {.name = "sum",
                      .type = {.sql = "numeric(5,2)",
                               .family = TypeFamily::decimal,
                               .is_unsigned = true,
                               .precision = 5,
                               .scale = 2},
                      .generated = "(a + b)"}};
    table.primary_key = {"id", "name"};
    table.indexes = {{.name = "b_index",
                      .unique = true,
                      .is_constraint = true,
                      .valid = false,
                      .nulls_not_distinct = true,
                      .method = "btree",
                      .parts = {{.column = "name",
                                 .descending = true,
                                 .nulls = "LAST",
                                 .collation = "C",
                                 .opclass = "text_pattern_ops",
                                 .prefix = 7},
                                {.expression = "lower(name)"}},
                      .included = {"id"},
                      .predicate = "(id > 0)",
                      .definition = "CREATE …"},
                     {.name = "a_index"}};
    table.checks = {{"positive", "(id > 0)", {"id"}}};
    table.foreign_keys = {{"fk",
                           {"id"},
                           {"public", "other"},
                           {"key"},
                           "CASCADE",
                           "SET NULL",
                           {"id"},
                           "MATCH FULL",
                           true}};
    table.referenced_by = {{"back", {"id"}, {"public", "line"}, {"invoice"}, "", "CASCADE"}};
    table.triggers = {{"audit", "BEFORE", "INSERT OR UPDATE", "EXECUTE …"}};
    table.views = {{{"public", "v"}, "SELECT …", {"id"}}};
    table.storage = "InnoDB";
    table.collation = "utf8mb4_bin";
    table.without_rowid = true;
    table.strict = true;
    table.folds_case = true;
    table.estimated_rows = 42;
    return table;
}

} // namespace

TEST_CASE("a table comes back from its JSON as it was, but for the statistics")
{
    const Table table = full_table();
    const Table back = table_from_json(to_json(table));
    CHECK(back.columns == table.columns);
    CHECK(back.indexes.size() == 2);
    CHECK(back.indexes[0] == table.indexes[1]);
    CHECK(back.indexes[1] == table.indexes[0]);
    CHECK(back.checks == table.checks);
    CHECK(back.foreign_keys == table.foreign_keys);
    CHECK(back.referenced_by == table.referenced_by);
    CHECK(back.triggers == table.triggers);
    CHECK(back.views == table.views);
    CHECK(back.kind == table.kind);
    CHECK(back.estimated_rows == 0);
    CHECK(same_schema(back, table));
    CHECK(fingerprint(back) == fingerprint(table));
}

TEST_CASE("a recorded table that is no table is a defect that says so")
{
    CHECK_THROWS_AS((void)table_from_json("{"), Error);
    CHECK_THROWS_AS((void)table_from_json(R"({"kind": "heap"})"), Error);
    CHECK_THROWS_AS((void)table_from_json(R"({"columns": 7})"), Error);
}

TEST_CASE("the order of indexes and the statistics make no difference")
{
    const Table a = full_table();
    Table b = full_table();
    std::reverse(b.indexes.begin(), b.indexes.end());
    b.estimated_rows = 7;
    CHECK(same_schema(a, b));
    CHECK(differences(a, b).empty());
    CHECK(fingerprint(a) == fingerprint(b));
}

TEST_CASE("every change of a member is a difference with one line")
{
    const std::vector<std::pair<std::string, std::function<void(Table&)>>> changes{
        {"column \"name\" is missing", [](Table& t) { t.columns.erase(t.columns.begin() + 1); }},
        {"column \"extra\" is not expected",
         [](Table& t) { t.columns.push_back({.name = "extra"}); }},
        {"column \"name\": type is text, expected character varying(50)",
         [](Table& t) { t.columns[1].type = {.sql = "text", .family = TypeFamily::text}; }},
        {"column \"name\": nullable is false, expected true",
         [](Table& t) { t.columns[1].nullable = false; }},
        {"column \"name\": default is not set, expected \"'x'\"",
         [](Table& t) { t.columns[1].default_sql.reset(); }},
        {"columns are in the order name, id, sum, expected id, name, sum",
         [](Table& t) { std::swap(t.columns[0], t.columns[1]); }},
        {"index \"b_index\": valid is true, expected false",
         [](Table& t) { t.indexes[0].valid = true; }},
        {"index \"a_index\" is missing", [](Table& t) { t.indexes.pop_back(); }},
        {"check \"positive\" is missing", [](Table& t) { t.checks.clear(); }},
        {"foreign key \"fk\": on delete is \"CASCADE\", expected \"SET NULL\"",
         [](Table& t) { t.foreign_keys[0].on_delete = "CASCADE"; }},
        {"reference from \"public.line\" \"back\" is missing",
         [](Table& t) { t.referenced_by.clear(); }},
        {"trigger \"audit\": timing is \"AFTER\", expected \"BEFORE\"",
         [](Table& t) { t.triggers[0].timing = "AFTER"; }},
        {"view \"public.v\" is missing", [](Table& t) { t.views.clear(); }},
        {"table: primary key is [\"id\"], expected [\"id\",\"name\"]",
         [](Table& t) { t.primary_key.pop_back(); }},
        {"table: strict is false, expected true", [](Table& t) { t.strict = false; }},
        {"table: kind is \"plain\", expected \"partitioned\"",
         [](Table& t) { t.kind = TableKind::plain; }},
    };
    const Table expected = full_table();
    for (const auto& change : changes) {
        Table found = full_table();
        change.second(found);
        CAPTURE(change.first);
        const std::vector<std::string> lines = differences(expected, found);
        REQUIRE(lines.size() == 1);
        CHECK(lines[0] == change.first);
        CHECK_FALSE(same_schema(expected, found));
        CHECK(fingerprint(expected) != fingerprint(found));
    }
}

TEST_CASE("checks without a name are told apart by their expression")
{
    Table expected;
    expected.checks = {{"", "(a > 0)", {"a"}}, {"", "(a > 0)", {"a"}}, {"", "(b > 0)", {"b"}}};
    Table found;
    found.checks = {{"", "(b > 0)", {"b"}}, {"", "(a > 0)", {"a"}}};
    CHECK(differences(expected, found) == std::vector<std::string>{"check (a > 0) (2) is missing"});
}

TEST_CASE("the fingerprint of a table is the same in every release")
{
    // Recorded fingerprints outlive the release that wrote them: this text and this digest must
    // never change.
    Table table{.name = {"", "users"}};
    table.columns = {{.name = "id",
                      .type = {.sql = "int", .family = TypeFamily::integer, .bits = 32},
                      .nullable = false}};
    table.primary_key = {"id"};
    CHECK(to_json(table) ==
          R"({"columns":[{"name":"id","type":{"bits":32,"family":"integer","sql":"int"}}],)"
          R"("kind":"plain","name":{"name":"users"},"primary key":["id"]})");
    CHECK(fingerprint(table) == "4056b7d2026525225596db89605aa5e7");
}

TEST_CASE("columns and tables are found by case where the engine folds it")
{
    Table table{.name = {"", "Users"}};
    table.columns = {{.name = "Id"}, {.name = "id2"}};
    CHECK(table.find("id") == nullptr);
    table.folds_case = true;
    REQUIRE(table.find("id") != nullptr);
    CHECK(table.find("id")->name == "Id");
    Catalog catalog{.tables = {table}};
    CHECK(catalog.find({"", "users"}) == nullptr);
    catalog.folds_case = true;
    CHECK(catalog.find({"", "users"}) != nullptr);
    CHECK(catalog.find({"other", "users"}) == nullptr);
}

TEST_CASE("a name without schema is found along the search path")
{
    const Catalog catalog{.tables = {{.name = {"a", "t"}}, {.name = {"b", "t"}}},
                          .search_path = {"x", "b", "a"}};
    REQUIRE(catalog.find({"", "t"}) != nullptr);
    CHECK(catalog.find({"", "t"})->name.schema == "b");
    CHECK(catalog.find({"a", "t"})->name.schema == "a");
    CHECK(catalog.find({"x", "t"}) == nullptr);
}
