#include "sluice/db/catalog.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace sluice;

namespace {

std::filesystem::path chinook_script()
{
    const char* given = std::getenv("SLUICE_TEST_DATA");
    const std::filesystem::path data =
        given != nullptr ? std::filesystem::path(given)
                         : std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/data";
    return data / "chinook" / ("chinook_" + std::string(name_of(test::engine())) + ".sql");
}

/// The tables and keys, without the rows, and without the lines that make a database of their own.
std::string schema_in(const std::filesystem::path& script)
{
    std::ifstream in(script);
    std::string sql;
    bool in_rows = false;
    for (std::string line; std::getline(in, line);) {
        in_rows = in_rows || line.rfind("INSERT", 0) == 0;
        const bool starts_statement = line.rfind("CREATE", 0) == 0 || line.rfind("ALTER", 0) == 0;
        in_rows = in_rows && !starts_statement;
        const bool makes_database = line.find("DATABASE") != std::string::npos ||
                                    line.rfind("USE", 0) == 0 || line.rfind("\\c", 0) == 0;
        if (!in_rows && !makes_database) {
            sql += line + "\n";
        }
    }
    return sql;
}

} // namespace

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

TEST_CASE("only the tables that are asked for are read, as they are with all the others")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE a (id integer PRIMARY KEY, x integer);"
                 "CREATE TABLE b (id integer PRIMARY KEY, a_id integer, "
                 "FOREIGN KEY (a_id) REFERENCES a (id));"
                 "CREATE TABLE c (id integer PRIMARY KEY);"
                 "CREATE VIEW v AS SELECT x FROM a;");
    Session session = database.open();
    const Catalog all = read_catalog(session);
    const Catalog some = read_catalog(session, {{"", "a"}, {"", "b"}, {"", "missing"}});
    REQUIRE(some.tables.size() == 2);
    for (const Table& table : some.tables) {
        const Table* same = all.find(table.name);
        REQUIRE(same != nullptr);
        CHECK(differences(*same, table) == std::vector<std::string>{});
        CHECK(fingerprint(*same) == fingerprint(table));
    }
    CHECK(read_catalog(session, {}).tables.empty());
}

TEST_CASE("a schema that was changed and changed back is the same again")
{
    const test::TestDatabase database;
    database.run("CREATE TABLE users (id integer PRIMARY KEY, name varchar(50) NOT NULL)");
    Session session = database.open();
    const Table before = read_catalog(session, {{"", "users"}}).tables.at(0);
    session.execute("ALTER TABLE users ADD COLUMN extra varchar(9) DEFAULT 'x'");
    const Table between = read_catalog(session, {{"", "users"}}).tables.at(0);
    CHECK(differences(before, between) ==
          std::vector<std::string>{"column \"extra\" is not expected"});
    session.execute("ALTER TABLE users DROP COLUMN extra");
    const Table after = read_catalog(session, {{"", "users"}}).tables.at(0);
    CHECK(differences(before, after) == std::vector<std::string>{});
    CHECK(fingerprint(before) == fingerprint(after));
}

TEST_CASE("the Chinook database has its eleven tables with their keys")
{
    const std::filesystem::path file = chinook_script();
    if (!std::filesystem::exists(file)) {
        MESSAGE("skipped: " << file.string() << " is not there; set SLUICE_TEST_DATA");
        return;
    }
    const test::TestDatabase database;
    database.run(schema_in(file));
    Session session = database.open();
    const Catalog catalog = read_catalog(session);
    CHECK(catalog.tables.size() == 11);
    std::size_t foreign_keys = 0;
    for (const Table& table : catalog.tables) {
        CAPTURE(table.name.name);
        CHECK_FALSE(table.columns.empty());
        CHECK_FALSE(table.primary_key.empty());
        foreign_keys += table.foreign_keys.size();
    }
    CHECK(foreign_keys == 11);
}
