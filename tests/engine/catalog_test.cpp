#include "sluice/db/catalog.h"
#include "support/database.h"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("an empty database has an empty catalog")
{
    const test::TestDatabase database;
    Session session = database.open();
    CHECK(read_catalog(session).tables.empty());
}

TEST_CASE("a composite key and its references are read in the order of the key")
{
    const test::TestDatabase database;
    database.run(
        "CREATE TABLE orders (tenant bigint NOT NULL, id bigint NOT NULL, note text, "
        "PRIMARY KEY (tenant, id));"
        "CREATE TABLE items (id integer PRIMARY KEY, order_id bigint, order_tenant bigint, "
        "CONSTRAINT lines_order FOREIGN KEY (order_tenant, order_id) "
        "REFERENCES orders (tenant, id) ON DELETE CASCADE);");
    Session session = database.open();
    const Catalog catalog = read_catalog(session);
    REQUIRE(catalog.tables.size() == 2);
    const Table* orders = catalog.find({"", "orders"});
    const Table* lines = catalog.find({"", "items"});
    REQUIRE(orders != nullptr);
    REQUIRE(lines != nullptr);
    CHECK(orders->primary_key == std::vector<std::string>{"tenant", "id"});
    REQUIRE(lines->foreign_keys.size() == 1);
    CHECK(lines->foreign_keys[0].name == "lines_order");
    CHECK(lines->foreign_keys[0].columns == std::vector<std::string>{"order_tenant", "order_id"});
    CHECK(lines->foreign_keys[0].referenced == orders->name);
    CHECK(lines->foreign_keys[0].referenced_columns == std::vector<std::string>{"tenant", "id"});
    CHECK(lines->foreign_keys[0].on_delete == "CASCADE");
    CHECK(lines->foreign_keys[0].on_update.empty());
    REQUIRE(orders->referenced_by.size() == 1);
    CHECK(orders->referenced_by[0].referenced == lines->name);
    CHECK(orders->referenced_by[0].columns == std::vector<std::string>{"tenant", "id"});
    CHECK(orders->referenced_by[0].referenced_columns ==
          std::vector<std::string>{"order_tenant", "order_id"});
}
