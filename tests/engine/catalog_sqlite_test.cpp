// Tables with everything that a catalog can hold on SQLite, each member checked.

#include "sluice/db/catalog.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

using Names = std::vector<std::string>;

const char* const schema = R"(
CREATE TABLE customer (id INTEGER PRIMARY KEY);
CREATE TABLE "Order" (
  tenant bigint NOT NULL,
  id integer NOT NULL,
  [User] varchar(50) COLLATE NOCASE NOT NULL DEFAULT 'it''s',
  amount decimal(12,2) DEFAULT 0.5 CONSTRAINT small CHECK (amount < 1000), -- a comment, and (
  twice AS (amount * 2) STORED,
  customer int CONSTRAINT to_customer REFERENCES Customer ON DELETE SET NULL ON UPDATE CASCADE,
  other int REFERENCES customer(id),
  created datetime DEFAULT CURRENT_TIMESTAMP,
  absent DEFAULT NULL,
  CONSTRAINT order_key PRIMARY KEY (tenant, id),
  UNIQUE ("User", tenant),
  CHECK (amount > 0 OR "User" = 'x'));
CREATE INDEX partial_desc ON "Order" (amount DESC, created COLLATE NOCASE) WHERE amount > 10;
CREATE INDEX by_lower ON "Order" (lower("User") DESC, coalesce(amount, 0));
CREATE TABLE codes (code TEXT PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE exact (id INT PRIMARY KEY, v ANY) STRICT;
CREATE TABLE loose (id TEXT PRIMARY KEY);
CREATE TABLE backwards (id INTEGER PRIMARY KEY DESC);
CREATE VIRTUAL TABLE words USING fts5(word);
CREATE TRIGGER touch AFTER UPDATE OF amount ON "order" BEGIN
  INSERT INTO customer VALUES (NULL); END;
CREATE VIEW names AS SELECT "User" AS name, amount FROM "Order" WHERE tenant > 0;
CREATE VIEW everything AS SELECT * FROM codes;
CREATE VIEW broken AS SELECT x FROM nowhere;
CREATE TABLE sluice_run (id bigint);
)";

std::vector<Column> expected_columns(const Session& session)
{
    const auto parsed = [&session](std::string_view type) {
        return session.dialect().parse_type(type);
    };
    return {{.name = "tenant", .type = parsed("bigint"), .nullable = false},
            {.name = "id", .type = parsed("integer"), .nullable = false},
            {.name = "User",
             .type = parsed("varchar(50)"),
             .nullable = false,
             .default_sql = "'it''s'",
             .collation = "NOCASE"},
            {.name = "amount", .type = parsed("decimal(12,2)"), .default_sql = "0.5"},
            {.name = "twice", .generated = "(amount * 2)"},
            {.name = "customer", .type = parsed("int")},
            {.name = "other", .type = parsed("int")},
            {.name = "created", .type = parsed("datetime"), .default_sql = "CURRENT_TIMESTAMP"},
            {.name = "absent"}};
}

const Table& table_in(const Catalog& catalog, const std::string& name)
{
    const Table* table = catalog.find({"", name});
    REQUIRE(table != nullptr);
    return *table;
}

} // namespace

TEST_CASE("SQLite: every member of a table is read")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    const Catalog catalog = read_catalog(session);
    const Table& order = table_in(catalog, "order");
    CHECK(order.name.name == "Order");
    CHECK(order.columns == expected_columns(session));
    CHECK(order.primary_key == Names{"tenant", "id"});
    REQUIRE(order.indexes.size() == 3);
    CHECK(order.indexes[0].name == "by_lower");
    CHECK(order.indexes[0].parts ==
          std::vector<IndexPart>{{.expression = "lower(User)", .descending = true},
                                 {.expression = "coalesce(amount, 0)"}});
    CHECK(order.indexes[1].parts ==
          std::vector<IndexPart>{{.column = "amount", .descending = true},
                                 {.column = "created", .collation = "NOCASE"}});
    CHECK(order.indexes[1].predicate == "amount > 10");
    CHECK(order.indexes[2].is_constraint);
    CHECK(order.indexes[2].unique);
    CHECK(order.indexes[2].parts ==
          std::vector<IndexPart>{{.column = "User"}, {.column = "tenant"}});
    CHECK(order.checks == std::vector<Check>{{"", "(amount > 0 OR User = 'x')", {"User", "amount"}},
                                             {"small", "(amount < 1000)", {"amount"}}});
    REQUIRE(order.foreign_keys.size() == 2);
    CHECK(order.foreign_keys[0].columns == Names{"other"});
    CHECK(order.foreign_keys[1].name == "to_customer");
    CHECK(order.foreign_keys[1].referenced == TableName{"", "customer"});
    CHECK(order.foreign_keys[1].referenced_columns == Names{"id"});
    CHECK(order.foreign_keys[1].on_delete == "SET NULL");
    CHECK(order.foreign_keys[1].on_update == "CASCADE");
    REQUIRE(order.triggers.size() == 1);
    CHECK(order.triggers[0].timing == "AFTER");
    CHECK(order.triggers[0].event == "UPDATE");
    REQUIRE(order.views.size() == 1);
    CHECK(order.views[0].columns == Names{"tenant", "User", "amount"});
    CHECK(table_in(catalog, "customer").referenced_by.size() == 2);
    CHECK(table_in(catalog, "codes").views[0].columns.empty());
}

TEST_CASE("SQLite: kinds of tables and keys are told apart, and sluice's own are left out")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    session.execute("CREATE TEMPORARY TABLE gone (id integer)");
    const Catalog catalog = read_catalog(session);
    CHECK(catalog.find({"", "sluice_run"}) == nullptr);
    CHECK(catalog.find({"", "gone"}) == nullptr);
    CHECK(table_in(catalog, "words").kind == TableKind::virtual_table);
    CHECK(table_in(catalog, "words_data").kind == TableKind::virtual_table);
    CHECK(table_in(catalog, "broken").kind == TableKind::view);
    CHECK(table_in(catalog, "codes").without_rowid);
    CHECK_FALSE(table_in(catalog, "codes").columns[0].nullable);
    CHECK(table_in(catalog, "exact").strict);
    CHECK(table_in(catalog, "customer").columns[0].is_identity);
    CHECK_FALSE(table_in(catalog, "customer").columns[0].nullable);
    CHECK(table_in(catalog, "loose").columns[0].nullable);
    CHECK_FALSE(table_in(catalog, "backwards").columns[0].is_identity);
    CHECK(table_in(catalog, "backwards").columns[0].nullable);
}
