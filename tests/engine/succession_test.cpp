// A key that becomes wider where its table and those that refer to it get successors: MySQL and
// MariaDB.

#include "sluice/core/error.h"
#include "support/life.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

/// Two tables refer to "users": one plainly, and one whose rows go and change with it.
const char* const users = R"sql(
CREATE TABLE countries (code char(2) PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL,
  boss_id int, UNIQUE KEY users_name (name), KEY users_boss (boss_id),
  CONSTRAINT users_boss FOREIGN KEY (boss_id) REFERENCES users (id)) ENGINE=InnoDB;
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL,
  country char(2), note varchar(40),
  CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT orders_country FOREIGN KEY (country) REFERENCES countries (code)
    ON DELETE SET NULL ON UPDATE CASCADE) ENGINE=InnoDB;
CREATE TABLE visits (user_id int NOT NULL, day int NOT NULL, seen int, PRIMARY KEY (user_id, day),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB;
INSERT INTO countries VALUES ('at'), ('ch'), ('de');
INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f'),
  (7, 'g');
UPDATE users SET boss_id = 8 - id WHERE id NOT IN (2, 6);
INSERT INTO orders VALUES (1, 7, 'at', 'x'), (2, 1, 'ch', NULL), (3, 2, NULL, ''), (4, 2, 'de', 'y');
INSERT INTO visits VALUES (1, 1, 10), (1, 2, NULL), (2, 1, 0), (6, 1, 1), (7, 3, 2);
)sql";

const char* const wider = R"toml(
[[change]]
kind = "change_primary_key"
table = "users"
column = "id"
type = "bigint"
)toml";

const char* const all = "SELECT 'users', id, name, boss_id, NULL FROM users UNION ALL "
                        "SELECT 'orders', id, user_id, country, note FROM orders UNION ALL "
                        "SELECT 'visits', user_id, day, seen, NULL FROM visits ORDER BY 1, 2, 3";

bool is_mysql()
{
    return test::engine() == Engine::mysql;
}

std::string refusal(const std::string& setup, const std::string& migration)
{
    test::Life life(setup, migration);
    try {
        (void)life.runner().expand(life.migration());
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::refused);
        CHECK(!error.details.hint.empty());
        return error.message;
    }
    return "not refused";
}

/// What the application writes is in both tables of a pair, as long as there are two.
void check_pair(const test::Life& life, const std::string& other)
{
    for (const std::string table : {"users", "orders", "visits"}) {
        CHECK(life.rows("SELECT * FROM " + table + " ORDER BY 1, 2") ==
              life.rows("SELECT * FROM sluice_" + other + "_" + table + " ORDER BY 1, 2"));
    }
}

void write(const test::Life& life, int n)
{
    const std::string digit = std::to_string(n);
    life.database.run("INSERT INTO users (name, boss_id) VALUES ('new" + digit + "', 2);" +
                      "INSERT INTO orders (user_id, country) VALUES (last_insert_id(), 'at');" +
                      "INSERT INTO visits VALUES (2, " + digit + "0, 1), (6, " + digit +
                      "0, 2) ON DUPLICATE KEY UPDATE seen = 3;" + "UPDATE users SET name = 'was" +
                      digit + "' WHERE id = 3;" +
                      "UPDATE visits SET day = day + 100 WHERE user_id "
                      "= 1;" +
                      "DELETE FROM orders WHERE id = " + digit);
}

} // namespace

TEST_CASE("a key becomes wider with every column that refers to it, and all comes back")
{
    if (!is_mysql()) {
        return;
    }
    test::live_through(
        {.setup = users, .migration = wider, .before = all, .after = all, .rows_after = {}});
}

TEST_CASE("rows are in the successors as they are written, before contract and after it")
{
    if (!is_mysql()) {
        return;
    }
    test::Life life(users, wider);
    life.expand();
    write(life, 1);
    life.migrate();
    check_pair(life, "new");
    write(life, 2);
    check_pair(life, "new");
    life.contract();
    check_pair(life, "kept");
    write(life, 3);
    check_pair(life, "kept");
    life.rollback();
    write(life, 4);
    check_pair(life, "new");
    const std::string rows = life.rows(all);
    life.rollback();
    CHECK(life.rows(all) == rows);
    CHECK(life.rows("SELECT max(id) FROM users") == "11|\n");
}

TEST_CASE("what foreign keys do to rows, which fires no trigger, is done to the copies too")
{
    if (!is_mysql()) {
        return;
    }
    test::Life life(users, wider);
    const auto cascade = [&life](const std::string& user, const std::string& to,
                                 const std::string& country) {
        life.database.run("UPDATE users SET id = " + to + " WHERE id = " + user);
        CHECK(life.rows("SELECT count(*) > 0 FROM visits WHERE user_id = " + to) == "1|\n");
        life.database.run("DELETE FROM users WHERE id = " + to);
        CHECK(life.rows("SELECT count(*) FROM visits WHERE user_id = " + to) == "0|\n");
        life.database.run("UPDATE countries SET code = 'xx' WHERE code = '" + country + "'");
        CHECK(life.rows("SELECT count(*) > 0 FROM orders WHERE country = 'xx'") == "1|\n");
        life.database.run("DELETE FROM countries WHERE code = 'xx'");
    };
    life.database.run("UPDATE users SET boss_id = NULL; UPDATE orders SET user_id = 3");
    life.expand();
    life.database.run("DELETE FROM users WHERE id = 7");
    life.migrate();
    cascade("1", "50", "at");
    check_pair(life, "new");
    life.contract();
    cascade("6", "51", "ch");
    check_pair(life, "kept");
    life.rollback();
    cascade("2", "52", "de");
    check_pair(life, "new");
    CHECK(life.runner().verify(life.migration()).size() > 0);
}

TEST_CASE("a key that has become too large for the old type stops the way back by its name")
{
    if (!is_mysql()) {
        return;
    }
    test::Life life(users, wider);
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO users (id, name) VALUES (3000000000, 'large');"
                      "INSERT INTO visits VALUES (3000000000, 1, 1);"
                      "INSERT INTO users (name) VALUES ('next')");
    CHECK(life.rows("SELECT id FROM users WHERE name = 'next'") == "3000000001|\n");
    const std::string rows = life.rows(all);
    CHECK_THROWS_WITH_AS((void)life.runner().rollback(life.migration()),
                         doctest::Contains("3000000000"), Error);
    CHECK(life.rows(all) == rows);
    life.database.run("DELETE FROM users WHERE id > 2000000000");
    life.rollback();
    check_pair(life, "new");
}

TEST_CASE("a row that was not carried since contract stops the way back, and can be carried")
{
    if (!is_mysql()) {
        return;
    }
    test::Life life(users, wider);
    life.expand();
    life.migrate();
    life.contract();
    life.database.run("INSERT INTO users (id, name) VALUES (77, 'new'); SET foreign_key_checks = 0;"
                      "DELETE FROM sluice_kept_users WHERE id = 77");
    const std::string rows = life.rows(all);
    CHECK_THROWS_WITH_AS((void)life.runner().rollback(life.migration()), doctest::Contains("77"),
                         Error);
    CHECK(life.rows(all) == rows);
    life.database.run("UPDATE users SET id = id WHERE id = 77");
    life.rollback();
    CHECK(life.rows("SELECT name FROM users WHERE id = 77") == "new|\n");
    check_pair(life, "new");
}

TEST_CASE("a table that refers to one of them, and stays, refers to its successor in the end")
{
    if (!is_mysql()) {
        return;
    }
    const std::string setup = std::string(users) + R"sql(
CREATE TABLE bits (id int PRIMARY KEY, order_id int, user varchar(40),
  KEY by_user (user), CONSTRAINT bits_order FOREIGN KEY (order_id) REFERENCES orders (id)
    ON DELETE CASCADE,
  CONSTRAINT bits_user FOREIGN KEY (user) REFERENCES users (name)) ENGINE=InnoDB;
INSERT INTO bits VALUES (1, 1, 'a'), (2, 2, NULL), (3, NULL, 'b');
)sql";
    test::Life life(setup, wider);
    life.expand();
    life.migrate();
    const std::vector<Table> migrated = life.tables();
    life.contract();
    life.rollback();
    test::check_same_tables(migrated, life.tables());
    life.contract();
    life.database.run("INSERT INTO users (id, name) VALUES (3000000000, 'large');"
                      "INSERT INTO bits VALUES (4, NULL, 'large');"
                      "DELETE FROM orders WHERE id = 2");
    CHECK_THROWS_AS(life.database.run("DELETE FROM users WHERE id = 3000000000"), std::exception);
    CHECK(life.rows("SELECT id FROM bits ORDER BY id") == "1|\n3|\n4|\n");
    life.purge();
    life.database.run("DELETE FROM orders WHERE id = 1");
    CHECK(life.rows("SELECT id FROM bits ORDER BY id") == "3|\n4|\n");
    test::check_nothing_left(life.tables());
}

TEST_CASE("everything that a table has goes over to its successor")
{
    if (!is_mysql()) {
        return;
    }
    const std::string setup = R"sql(
CREATE TABLE `Big Order` (
  `id` int unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s the number',
  `select` varchar(60) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL DEFAULT 'a''b' COMMENT 'a word',
  `price` decimal(10,2) NOT NULL DEFAULT 0.00,
  `total` decimal(12,2) GENERATED ALWAYS AS (`price` * 2) STORED,
  `half` decimal(12,2) GENERATED ALWAYS AS (`price` / 2) VIRTUAL,
  `changed` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `at` datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  `zero` date NOT NULL DEFAULT '2020-01-01',
  `kind` enum('a','b') DEFAULT 'a', `flags` set('x','y') DEFAULT 'x,y',
  `data` longblob, `doc` json, `bits` bit(3) DEFAULT b'101', `born` year DEFAULT 2001,
  `ratio` double DEFAULT 0.5, `body` mediumtext, `raw` varbinary(20), `fixed` char(4) COLLATE utf8mb4_bin,
  `parent_id` int unsigned, `made` varchar(36) DEFAULT (concat('m', 1)),
  PRIMARY KEY (`id`), UNIQUE KEY `Word` (`select`,`price`), KEY `start` (`body`(10)) COMMENT 'a few',
  KEY `down` (`price` DESC,`id`), KEY `parents` (`parent_id`), FULLTEXT KEY `words` (`body`),
  CONSTRAINT `big parent` FOREIGN KEY (`parent_id`) REFERENCES `Big Order` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC COMMENT='all of it';
CREATE TABLE `lines` (`order` int unsigned NOT NULL, `n` smallint NOT NULL, `what` varchar(9) DEFAULT NULL,
  PRIMARY KEY (`n`,`order`), KEY `of` (`order`),
  CONSTRAINT `positive` CHECK (`n` > 0),
  CONSTRAINT `line of` FOREIGN KEY (`order`) REFERENCES `Big Order` (`id`) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE VIEW sums AS SELECT id, total FROM `Big Order`;
INSERT INTO `Big Order` (id, `select`, price, data, doc, flags, body, raw, fixed) VALUES
  (1, 'ä', 1.5, x'00ff', '{"a": 1}', '', 'one', x'00', 'x'), (2, 'Ä', 0, NULL, NULL, NULL, NULL, NULL, 'x '),
  (3, '', 9.99, '', '[]', 'y', '', '', ''), (5000, 'gone', 1, NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE `Big Order` SET parent_id = 4 - id WHERE id IN (1, 3);
UPDATE `Big Order` SET born = 0, bits = b'0', ratio = 1e300 WHERE id = 2;
DELETE FROM `Big Order` WHERE id = 5000;
INSERT INTO `lines` VALUES (1, 1, 'a'), (3, 7, NULL);
GRANT SELECT (price) ON `Big Order` TO sluice@'%';
)sql";
    const std::string file = R"toml(
[[change]]
kind = "change_primary_key"
table = "Big Order"
column = "id"
type = "bigint unsigned"
)toml";
    test::Life life(setup, file);
    const auto shown = [&life] {
        std::string text;
        for (const char* table : {"`Big Order`", "`lines`"}) {
            text += life.rows(std::string("SHOW CREATE TABLE ") + table);
        }
        return text;
    };
    const auto found = [&life] {
        return life.rows("SELECT * FROM `Big Order` ORDER BY id") +
               life.rows("SELECT * FROM `lines` ORDER BY 1, 2") +
               life.rows("SELECT * FROM sums ORDER BY 1");
    };
    std::string before = shown();
    const std::string rows = found();
    life.expand();
    life.migrate();
    life.contract();
    life.purge();
    CHECK(found() == rows);
    for (const std::string column : {"`id`", "`parent_id`", "`order`"}) {
        const std::string narrow = column + " int(10) unsigned";
        const std::size_t at = before.find(narrow);
        REQUIRE(at != std::string::npos);
        before.replace(at, narrow.size(), column + " bigint(20) unsigned");
    }
    CHECK(shown() == before);
}

TEST_CASE("what would not survive a succession is refused by name")
{
    if (!is_mysql()) {
        return;
    }
    const std::string plain = "CREATE TABLE users (id int PRIMARY KEY, x int, UNIQUE KEY ux (x));";
    const auto child = [](const std::string& rest) {
        return "CREATE TABLE c (id int PRIMARY KEY, user_id int, x int, " + rest + ")";
    };
    const std::string to_users = "CONSTRAINT cu FOREIGN KEY (user_id) REFERENCES users (id)";
    CHECK(refusal(plain + "CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW SET NEW.x = 1",
                  wider)
              .find("\"touch\"") != std::string::npos);
    CHECK(refusal(plain + child("CONSTRAINT cx FOREIGN KEY (x) REFERENCES users (x) ON UPDATE "
                                "CASCADE"),
                  wider)
              .find("\"cx\"") != std::string::npos);
    CHECK(refusal("CREATE TABLE users (id int PRIMARY KEY, boss int, CONSTRAINT b FOREIGN KEY "
                  "(boss) REFERENCES users (id) ON DELETE CASCADE)",
                  wider)
              .find("\"b\"") != std::string::npos);
    CHECK(refusal(plain + child(to_users + ") ENGINE=InnoDB; ALTER TABLE users ADD CONSTRAINT uc "
                                           "FOREIGN KEY (x) REFERENCES c (id"),
                  wider)
              .find("could be made first") != std::string::npos);
}
