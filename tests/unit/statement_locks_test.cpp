#include "sluice/db/dialect.h"
#include "sluice/db/leading_words.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace sluice;

namespace {

std::unique_ptr<Dialect> dialect(Engine engine)
{
    const int version = engine == Engine::postgresql ? 150018 : 101119;
    return make_dialect({.engine = engine, .is_mariadb = true, .version = version});
}

} // namespace

TEST_CASE("a statement is known by its first words, whatever its case, comments and quotes")
{
    CHECK(has_words("/* x */ create  index\nconcurrently i on t(a)",
                    "CREATE INDEX ... CONCURRENTLY", Engine::postgresql));
    CHECK(has_words("CREATE INDEX CONCURRENTLY i ON t(a)", "CREATE INDEX ... CONCURRENTLY",
                    Engine::postgresql));
    CHECK_FALSE(has_words("CREATE INDEX \"concurrently\" ON t(a)", "CREATE INDEX ... CONCURRENTLY",
                          Engine::postgresql));
    CHECK_FALSE(has_words("SELECT 1 -- DROP TABLE", "DROP TABLE", Engine::sqlite));
    CHECK(has_words("ALTER TABLE t ADD b int, LOCK=NONE", "ALTER TABLE ... LOCK = NONE",
                    Engine::mysql));
    CHECK_FALSE(has_words("", "DROP TABLE", Engine::mysql));
}

TEST_CASE("PostgreSQL: only what refuses a transaction stands alone")
{
    const auto postgresql = dialect(Engine::postgresql);
    CHECK(postgresql->mode_of("CREATE UNIQUE INDEX CONCURRENTLY i ON t(a)") == Mode::standalone);
    CHECK(postgresql->mode_of("vacuum analyze t") == Mode::standalone);
    CHECK(postgresql->mode_of("CREATE INDEX i ON t(a)") == Mode::atomic);
    CHECK(postgresql->mode_of("ALTER TABLE t ADD COLUMN a int") == Mode::atomic);
    CHECK(postgresql->mode_of("UPDATE t SET a = 'vacuum'") == Mode::atomic);
}

TEST_CASE("MySQL: only what does not commit by itself is atomic")
{
    const auto mysql = dialect(Engine::mysql);
    CHECK(mysql->mode_of("UPDATE t SET a = 1") == Mode::atomic);
    CHECK(mysql->mode_of("# why\nINSERT INTO t VALUES (1)") == Mode::atomic);
    CHECK(mysql->mode_of("ALTER TABLE t ADD a int") == Mode::standalone);
    CHECK(mysql->mode_of("GRANT SELECT ON t TO u") == Mode::standalone);
    CHECK(mysql->mode_of("CALL p()") == Mode::standalone);
}

TEST_CASE("SQLite: nearly everything is atomic")
{
    const auto sqlite = dialect(Engine::sqlite);
    CHECK(sqlite->mode_of("CREATE TABLE t(a)") == Mode::atomic);
    CHECK(sqlite->mode_of("vacuum") == Mode::standalone);
    CHECK(sqlite->mode_of("PRAGMA journal_mode = WAL") == Mode::standalone);
}

TEST_CASE("a statement's lock is told as it was measured")
{
    const auto postgresql = dialect(Engine::postgresql);
    CHECK(postgresql->lock_of("ALTER TABLE t ADD COLUMN a int") == "ACCESS EXCLUSIVE, brief");
    CHECK(postgresql->lock_of("ALTER TABLE t ALTER COLUMN a TYPE bigint").find("rewritten") !=
          std::string::npos);
    CHECK(postgresql->lock_of("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID") ==
          "ACCESS EXCLUSIVE, brief");
    CHECK(postgresql->lock_of("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r NOT VALID")
              .find("SHARE ROW EXCLUSIVE") == 0);
    CHECK(postgresql->lock_of("CREATE INDEX ON t (a)").find("writers wait") != std::string::npos);
    CHECK(postgresql->lock_of("SELECT 1").empty());

    const auto mysql = dialect(Engine::mysql);
    CHECK(mysql->lock_of("ALTER TABLE t MODIFY a bigint").find("copied") != std::string::npos);
    CHECK(mysql->lock_of("ALTER TABLE t MODIFY a int NULL, ALGORITHM=INPLACE, LOCK=NONE")
              .find("writes go on") != std::string::npos);
    CHECK(dialect(Engine::sqlite)->lock_of("CREATE INDEX i ON t(a)").find("write lock") !=
          std::string::npos);
}

TEST_CASE("PostgreSQL: only what nobody queues behind may wait as long as it takes")
{
    const auto postgresql = dialect(Engine::postgresql);
    CHECK(postgresql->is_patient("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)"));
    CHECK(postgresql->is_patient("DROP INDEX CONCURRENTLY IF EXISTS i"));
    CHECK(postgresql->is_patient("ALTER TABLE t VALIDATE CONSTRAINT c"));
    CHECK_FALSE(postgresql->is_patient("ALTER TABLE t VALIDATE CONSTRAINT c, DROP COLUMN a"));
    CHECK_FALSE(postgresql->is_patient("ALTER TABLE t DETACH PARTITION p CONCURRENTLY"));
    CHECK_FALSE(postgresql->is_patient("CREATE INDEX i ON t (a)"));
    CHECK_FALSE(postgresql->is_patient("ALTER TABLE t ADD COLUMN a int"));
    CHECK_FALSE(dialect(Engine::mysql)->is_patient("ALTER TABLE t ADD INDEX (a)"));
    CHECK_FALSE(dialect(Engine::sqlite)->is_patient("CREATE INDEX i ON t (a)"));
}

TEST_CASE("only a concurrent build leaves something to be swept away")
{
    const auto postgresql = dialect(Engine::postgresql);
    const std::vector<TableName> tables{{"public", "t"}};
    CHECK(
        postgresql->leftovers_of("CREATE INDEX CONCURRENTLY Abc ON t (a)", tables).find("'abc'") !=
        std::string::npos);
    CHECK_FALSE(postgresql->leftovers_of("REINDEX TABLE CONCURRENTLY t", tables).empty());
    CHECK(postgresql->leftovers_of("REINDEX TABLE CONCURRENTLY t", {}).empty());
    CHECK(postgresql->leftovers_of("CREATE INDEX i ON t (a)", tables).empty());
    CHECK(dialect(Engine::mysql)->leftovers_of("CREATE INDEX i ON t (a)", tables).empty());
}

TEST_CASE("MySQL: an ALTER TABLE that may copy in silence is told the weakest clause for it")
{
    const auto mysql = dialect(Engine::mysql);
    const auto advises = [&](const std::string& sql, const std::string& clause) {
        const std::string advice = mysql->lock_advice(sql);
        CAPTURE(sql);
        CAPTURE(advice);
        CHECK(advice.find("\", " + clause + "\"") != std::string::npos);
    };
    advises("ALTER TABLE t ADD COLUMN a int", "ALGORITHM=INSTANT");
    advises("ALTER TABLE t RENAME COLUMN a TO b", "ALGORITHM=INSTANT");
    advises("ALTER TABLE t ADD UNIQUE INDEX i (a)", "ALGORITHM=INPLACE, LOCK=NONE");
    advises("ALTER TABLE t MODIFY a bigint", "ALGORITHM=INPLACE, LOCK=NONE");
    advises("ALTER TABLE t ADD FULLTEXT INDEX i (a)", "ALGORITHM=INPLACE, LOCK=SHARED");
    CHECK(mysql->lock_advice("ALTER TABLE t ADD a int, ALGORITHM=INPLACE").empty());
    CHECK(mysql->lock_advice("ALTER TABLE t ADD a int, LOCK=NONE").empty());
    CHECK(mysql->lock_advice("UPDATE t SET a = 1").empty());
    CHECK(dialect(Engine::postgresql)->lock_advice("ALTER TABLE t ADD a int").empty());
}
