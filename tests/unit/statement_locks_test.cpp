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
