// One table with everything that a catalog can hold on MySQL and MariaDB, each member checked.

#include "sluice/db/catalog.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

using Names = std::vector<std::string>;

const char* const schema = R"(
CREATE TABLE customer (id int PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE `Order` (
  tenant bigint NOT NULL,
  id int unsigned NOT NULL AUTO_INCREMENT,
  `User` varchar(50) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s',
  mood enum('sad','happy') DEFAULT 'happy',
  amount decimal(12,2) DEFAULT 0.50,
  twice decimal(14,2) AS (amount * 2) STORED,
  customer int,
  flag tinyint(1) NOT NULL DEFAULT 1,
  data json,
  note text COMMENT 'a note',
  created datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  bits bit(3) DEFAULT b'101',
  random varchar(36) DEFAULT (uuid()),
  PRIMARY KEY (tenant, id),
  KEY by_id (id),
  UNIQUE KEY user_key (`User`(10), tenant DESC),
  CONSTRAINT positive_amount CHECK (amount > 0 OR `User` = 'x'),
  CONSTRAINT to_customer FOREIGN KEY (customer) REFERENCES customer (id)
    ON DELETE SET NULL ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TRIGGER touch BEFORE UPDATE ON `Order` FOR EACH ROW SET NEW.note = 'touched';
CREATE VIEW names AS SELECT `User` AS name, amount FROM `Order` WHERE tenant > 0;
CREATE TABLE parted (id int NOT NULL PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
CREATE TABLE old_engine (id int) ENGINE=MyISAM;
CREATE TABLE sluice_run (id bigint);
)";

std::vector<Column> expected_columns(const Session& session)
{
    const auto parsed = [&session](std::string_view type) {
        return session.dialect().parse_type(type);
    };
    const bool is_mariadb = session.dialect().server().is_mariadb;
    const std::string now = is_mariadb ? "current_timestamp(3)" : "CURRENT_TIMESTAMP(3)";
    const std::string random = is_mariadb ? "uuid()" : "(uuid())";
    const std::string twice = is_mariadb ? "`amount` * 2" : "(`amount` * 2)";
    return {{.name = "tenant", .type = parsed("bigint"), .nullable = false},
            {.name = "id", .type = parsed("int unsigned"), .nullable = false, .is_identity = true},
            {.name = "User",
             .type = parsed("varchar(50)"),
             .nullable = false,
             .default_sql = "'it''s'",
             .collation = "latin1_bin",
             .charset = "latin1"},
            {.name = "mood",
             .type = parsed("enum('sad','happy')"),
             .default_sql = "'happy'",
             .charset = "utf8mb4"},
            {.name = "amount", .type = parsed("decimal(12,2)"), .default_sql = "0.50"},
            {.name = "twice",
             .type = parsed("decimal(14,2)"),
             .generated = twice,
             .settings = {"STORED"}},
            {.name = "customer", .type = parsed("int")},
            {.name = "flag", .type = parsed("bool"), .nullable = false, .default_sql = "1"},
            {.name = "data", .type = parsed("json")},
            {.name = "note", .type = parsed("text"), .charset = "utf8mb4", .comment = "a note"},
            {.name = "created",
             .type = parsed("datetime(3)"),
             .nullable = false,
             .default_sql = now,
             .on_update_now = true},
            {.name = "bits", .type = parsed("bit(3)"), .default_sql = "b'101'"},
            {.name = "random",
             .type = parsed("varchar(36)"),
             .default_sql = random,
             .charset = "utf8mb4"}};
}

const Table& table_in(const Catalog& catalog, const std::string& name)
{
    const Table* table = catalog.find({"", name});
    REQUIRE(table != nullptr);
    return *table;
}

} // namespace

TEST_CASE("MySQL: every member of a table is read")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    const Catalog catalog = read_catalog(session);
    const Table& order = table_in(catalog, "Order");
    CHECK(order.columns == expected_columns(session));
    CHECK(order.primary_key == Names{"tenant", "id"});
    CHECK(order.storage == "InnoDB");
    CHECK(order.collation == "utf8mb4_unicode_ci");
    CHECK(order.indexes ==
          std::vector<Index>{
              {.name = "by_id", .method = "btree", .parts = {{.column = "id"}}},
              {.name = "to_customer", .method = "btree", .parts = {{.column = "customer"}}},
              {.name = "user_key",
               .unique = true,
               .method = "btree",
               .parts = {{.column = "User", .prefix = 10},
                         {.column = "tenant", .descending = true}}}});
    REQUIRE(order.checks.size() == 1);
    CHECK(order.checks[0].name == "positive_amount");
    CHECK(order.checks[0].columns == Names{"User", "amount"});
    CHECK(order.foreign_keys ==
          std::vector<ForeignKey>{
              {"to_customer", {"customer"}, {"", "customer"}, {"id"}, "CASCADE", "SET NULL"}});
    CHECK(order.triggers ==
          std::vector<Trigger>{{"touch", "BEFORE", "UPDATE", "SET NEW.note = 'touched'"}});
    REQUIRE(order.views.size() == 1);
    CHECK(order.views[0].name == TableName{"", "names"});
    CHECK(order.views[0].columns == Names{"tenant", "User", "amount"});
    CHECK(table_in(catalog, "customer").referenced_by.size() == 1);
}

TEST_CASE("MySQL: kinds of tables are told apart, and sluice's own are left out")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    database.run(schema);
    Session session = database.open();
    session.execute("CREATE TEMPORARY TABLE gone (id int)");
    const Catalog catalog = read_catalog(session);
    Names names;
    for (const Table& table : catalog.tables) {
        names.push_back(table.name.name);
    }
    CHECK(names == Names{"Order", "customer", "names", "old_engine", "parted"});
    CHECK(table_in(catalog, "parted").kind == TableKind::partitioned);
    CHECK(table_in(catalog, "names").kind == TableKind::view);
    CHECK(table_in(catalog, "old_engine").storage == "MyISAM");
}

TEST_CASE("MySQL: a reference from another database names it")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::TestDatabase database;
    const test::TestDatabase other;
    database.run("CREATE TABLE parent (id int PRIMARY KEY) ENGINE=InnoDB");
    other.run("CREATE TABLE child (id int PRIMARY KEY, CONSTRAINT up FOREIGN KEY (id) REFERENCES " +
              database.url().database + ".parent (id)) ENGINE=InnoDB");
    Session session = database.open();
    const Catalog catalog = read_catalog(session, {{"", "parent"}});
    REQUIRE(catalog.tables.size() == 1);
    REQUIRE(catalog.tables[0].referenced_by.size() == 1);
    CHECK(catalog.tables[0].referenced_by[0].referenced ==
          TableName{other.url().database, "child"});
    other.run("DROP TABLE child");
}
