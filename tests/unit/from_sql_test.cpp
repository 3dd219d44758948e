#include "sluice/core/error.h"
#include "sluice/migration/from_sql.h"
#include "sluice/migration/reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

Migration parsed(const MigrationFromSql& migration)
{
    return parse_migration(migration.text, "m/1_x.toml");
}

Migration meant(const std::string& sql, Engine engine = Engine::postgresql,
                const std::string& table = {})
{
    const auto migrations = migrations_from_sql(sql, {engine, table});
    REQUIRE(migrations.size() == 1);
    return parsed(migrations[0]);
}

template <class Kind> Kind only(const std::string& sql, Engine engine = Engine::postgresql)
{
    const Migration migration = meant(sql, engine);
    CHECK(migration.expand.empty());
    REQUIRE(migration.changes.size() == 1);
    REQUIRE(std::holds_alternative<Kind>(migration.changes[0].kind));
    return std::get<Kind>(migration.changes[0].kind);
}

/// Is the statement written out, as it is?
void check_written(const std::string& sql, Engine engine = Engine::postgresql)
{
    CAPTURE(sql);
    const Migration migration = meant(sql, engine);
    CHECK(migration.changes.empty());
    REQUIRE(migration.expand.size() == 1);
    CHECK(migration.expand[0].sql.all == sql);
}

} // namespace

TEST_CASE("ADD COLUMN is add_column, whatever its spelling")
{
    const auto plain = only<AddColumnChange>(
        "ALTER TABLE IF EXISTS ONLY billing.\"Invoices\" ADD COLUMN IF NOT EXISTS \"Net total\" "
        "numeric(12,4) NOT NULL DEFAULT (1 + 2)::numeric;");
    CHECK(plain.table == TableName{"billing", "Invoices"});
    CHECK(plain.column == "Net total");
    CHECK(plain.type.all == "numeric(12,4)");
    CHECK(plain.default_sql->all == "(1 + 2)::numeric");
    CHECK_FALSE(plain.nullable);
    const auto quoted = only<AddColumnChange>(
        "alter table `a.b` add `c``d` varchar(10) default 'it''s, \"so\"' null", Engine::mysql);
    CHECK(quoted.table == TableName{"", "a.b"});
    CHECK(quoted.column == "c`d");
    CHECK(quoted.default_sql->all == "'it''s, \"so\"'");
    CHECK(quoted.nullable);
    const auto zone =
        only<AddColumnChange>("ALTER TABLE [t] ADD [x] timestamp with time zone", Engine::sqlite);
    CHECK(zone.type.all == "timestamp with time zone");
    CHECK(zone.column == "x");
}

TEST_CASE("each alteration of a column is the change that means it")
{
    CHECK(only<DropColumnChange>("ALTER TABLE t DROP COLUMN IF EXISTS c RESTRICT").column == "c");
    const auto rename = only<RenameColumnChange>("ALTER TABLE t RENAME a TO b", Engine::sqlite);
    CHECK(rename.from + ">" + rename.to == "a>b");
    CHECK(only<SetNotNullChange>("ALTER TABLE t ALTER COLUMN c SET NOT NULL").column == "c");
    CHECK(only<DropNotNullChange>("ALTER TABLE t ALTER c DROP NOT NULL").column == "c");
    const auto type = only<ChangeColumnChange>(
        "ALTER TABLE t ALTER COLUMN c SET DATA TYPE bigint USING trim(c)::bigint");
    CHECK(type.type->all == "bigint");
    CHECK(type.up->all == "trim(c)::bigint");
    CHECK_FALSE(type.nullable.has_value());
    const auto modified = only<ChangeColumnChange>(
        "ALTER TABLE t MODIFY COLUMN c bigint unsigned NOT NULL DEFAULT 0 AFTER b", Engine::mysql);
    CHECK(modified.type->all == "bigint unsigned");
    CHECK(modified.nullable == false);
    CHECK(modified.default_sql->all == "0");
    CHECK(only<ChangeColumnChange>("ALTER TABLE t CHANGE c c int", Engine::mysql).nullable == true);
    CHECK(only<RenameColumnChange>("ALTER TABLE t CHANGE COLUMN a b int NOT NULL", Engine::mysql)
              .to == "b");
}

TEST_CASE("each alteration of a rule is the change that means it")
{
    const auto check = only<AddCheckChange>(
        "ALTER TABLE t ADD CONSTRAINT \"T positive\" CHECK (a > 0 AND b IN (1, 2)) NOT VALID");
    CHECK(check.name == "T positive");
    CHECK(check.check.all == "a > 0 AND b IN (1, 2)");
    const auto key = only<AddForeignKeyChange>(
        "ALTER TABLE app.orders ADD CONSTRAINT buyer FOREIGN KEY (tenant, \"Buyer\") REFERENCES "
        "app.people (tenant, id) ON DELETE SET NULL ON UPDATE CASCADE");
    CHECK(key.table == TableName{"app", "orders"});
    CHECK(key.columns == std::vector<std::string>{"tenant", "Buyer"});
    CHECK(key.references == TableName{"app", "people"});
    CHECK(key.referenced_columns == std::vector<std::string>{"tenant", "id"});
    CHECK(key.on_delete == "SET NULL");
    CHECK(key.on_update == "CASCADE");
    CHECK(only<AddForeignKeyChange>("ALTER TABLE t ADD FOREIGN KEY k (a) REFERENCES u (id)",
                                    Engine::mysql)
              .name == "k");
    const auto unique =
        only<AddUniqueChange>("ALTER TABLE t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a, b)");
    CHECK(unique.columns == std::vector<std::string>{"a", "b"});
    CHECK(unique.nulls_not_distinct);
    CHECK(only<AddIndexChange>("ALTER TABLE t ADD UNIQUE KEY u (a)", Engine::mysql).unique);
    CHECK(only<DropConstraintChange>("ALTER TABLE t DROP CONSTRAINT IF EXISTS c").name == "c");
    CHECK(only<DropConstraintChange>("ALTER TABLE t DROP FOREIGN KEY k", Engine::mysql).name ==
          "k");
    const auto rename = only<RenameConstraintChange>("ALTER TABLE t RENAME CONSTRAINT c TO \"D\"");
    CHECK(rename.from + ">" + rename.to == "c>D");
}

TEST_CASE("a default and a table's name are changed by their own changes")
{
    CHECK(only<ChangeColumnChange>("ALTER TABLE t ALTER COLUMN c SET DEFAULT f(1, 2)")
              .default_sql->all == "f(1, 2)");
    CHECK(only<ChangeColumnChange>("ALTER TABLE t ALTER c DROP DEFAULT").default_sql->all ==
          "NULL");
    const auto rename = only<RenameTableChange>("ALTER TABLE app.t RENAME TO u");
    CHECK(rename.to == TableName{"app", "u"});
}

TEST_CASE("a table of columns and a key is create_table, and one that goes drop_table")
{
    const auto table = only<CreateTableChange>(
        "CREATE TABLE app.t (\"Id\" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "
        "price numeric(12,4) DEFAULT round(1.5, 1) NOT NULL, note text NULL)");
    CHECK(table.table == TableName{"app", "t"});
    CHECK(table.primary_key == std::vector<std::string>{"Id"});
    REQUIRE(table.columns.size() == 3);
    CHECK(table.columns[0].identity);
    CHECK_FALSE(table.columns[0].nullable);
    CHECK(table.columns[1].default_sql->all == "round(1.5, 1)");
    CHECK_FALSE(table.columns[1].nullable);
    CHECK(table.columns[2].type.all == "text");
    CHECK(only<CreateTableChange>("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))")
              .primary_key.size() == 2);
    CHECK(only<DropTableChange>("DROP TABLE IF EXISTS app.t").table == TableName{"app", "t"});
}

TEST_CASE("several alterations are several changes, and those of one column one")
{
    const Migration migration =
        meant("ALTER TABLE t ADD a int, ADD COLUMN b numeric(1,2) DEFAULT f(1, 2), DROP c, "
              "ALTER d TYPE bigint, ALTER d SET NOT NULL");
    REQUIRE(migration.changes.size() == 4);
    const auto& merged = std::get<ChangeColumnChange>(migration.changes[3].kind);
    CHECK(merged.type->all == "bigint");
    CHECK(merged.nullable == false);
    CHECK(meant("ALTER TABLE t ADD (a int, b int), ADD INDEX i (a, b)", Engine::mysql)
              .changes.size() == 3);
}

TEST_CASE("CREATE INDEX is add_index with all that it says")
{
    const auto index = only<AddIndexChange>(
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email ON app.users USING btree "
        "(lower(email) text_pattern_ops, created_at DESC NULLS LAST) INCLUDE (name, \"Id\") NULLS "
        "NOT DISTINCT WHERE deleted_at IS NULL AND kind IN (1, 2)");
    CHECK(index.table == TableName{"app", "users"});
    CHECK(index.name == "users_email");
    CHECK(index.unique);
    CHECK(index.method->all == "btree");
    REQUIRE(index.columns.size() == 2);
    CHECK(index.columns[0].all == "lower(email) text_pattern_ops");
    CHECK(index.columns[1].all == "created_at DESC NULLS LAST");
    CHECK(index.include == std::vector<std::string>{"name", "Id"});
    CHECK(index.nulls_not_distinct);
    CHECK(index.where->all == "deleted_at IS NULL AND kind IN (1, 2)");
    CHECK(only<AddIndexChange>("CREATE INDEX ON t (a, lower(b))").name == "t_a_expr_idx");
    CHECK(only<AddIndexChange>("CREATE INDEX i ON t (a(10))", Engine::mysql).columns[0].all ==
          "a(10)");
    CHECK(only<DropIndexChange>("DROP INDEX i ON t", Engine::mysql).name == "i");
    CHECK(only<DropIndexChange>("ALTER TABLE t DROP INDEX i", Engine::mysql).table.name == "t");
    const Migration told =
        meant("DROP INDEX CONCURRENTLY IF EXISTS app.i", Engine::postgresql, "t");
    CHECK(std::get<DropIndexChange>(told.changes.at(0).kind).table == TableName{"app", "t"});
}

TEST_CASE("what no change says is written out as it is")
{
    check_written("ALTER TABLE t ADD COLUMN c int REFERENCES u (id)");
    check_written("ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (a + 1) STORED");
    check_written("ALTER TABLE t DROP COLUMN c CASCADE");
    check_written("ALTER TABLE t ADD CHECK (a > 0)");
    check_written("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NO INHERIT");
    check_written("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i");
    check_written("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u DEFERRABLE");
    check_written("ALTER TABLE t ADD PRIMARY KEY (a)");
    check_written("CREATE TABLE t (a int)");
    check_written("CREATE TABLE t (a bigserial PRIMARY KEY)");
    check_written("CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES u (id))");
    check_written("CREATE TABLE t (a int PRIMARY KEY) ENGINE=InnoDB", Engine::mysql);
    check_written("CREATE TEMPORARY TABLE t (a int PRIMARY KEY)");
    check_written("DROP TABLE t CASCADE");
    check_written("DROP TABLE t, u");
    check_written("ALTER TABLE t DROP CONSTRAINT c CASCADE");
    check_written("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
    check_written("ALTER TABLE t MODIFY c int AUTO_INCREMENT", Engine::mysql);
    check_written("DROP INDEX i");
    check_written("CREATE INDEX i ON t (a) WITH (fillfactor = 70)");
    check_written("UPDATE t SET a = 1");
    check_written("GRANT SELECT ON t TO u");
}

TEST_CASE("the undo of what is made is known, of the rest it is asked for")
{
    CHECK(meant("CREATE VIEW app.v AS SELECT 1").expand[0].undo->all == "DROP VIEW app.v");
    CHECK(meant("CREATE TYPE \"Mood\" AS ENUM ('a')").expand[0].undo->all == "DROP TYPE \"Mood\"");
    CHECK_FALSE(meant("CREATE OR REPLACE VIEW v AS SELECT 1").expand[0].undo.has_value());
    const auto migrations = migrations_from_sql("UPDATE t SET a = 1", {});
    CHECK(migrations[0].text.find("# undo = \"…\"") != std::string::npos);
    CHECK(migrations[0].understood[0].find("written out") != std::string::npos);
}

TEST_CASE("declared changes and written steps keep their order in files of their own")
{
    const auto migrations = migrations_from_sql(
        "ALTER TABLE t ADD a int, ENABLE ROW LEVEL SECURITY, ADD b int; ALTER TABLE t ADD c int",
        {});
    REQUIRE(migrations.size() == 3);
    CHECK(parsed(migrations[0]).changes.size() == 1);
    CHECK(parsed(migrations[1]).expand[0].sql.all == "ALTER TABLE t ENABLE ROW LEVEL SECURITY");
    CHECK(parsed(migrations[2]).changes.size() == 2);
}

TEST_CASE("rubbish is refused, or written out, and never crashes")
{
    for (const char* sql : {"", " ; ", "-- nothing", "ALTER TABLE t ADD c text DEFAULT 'open"}) {
        CHECK_THROWS_AS(static_cast<void>(migrations_from_sql(sql, {})), Error);
    }
    for (const char* sql :
         {"ALTER", "ALTER TABLE", "ALTER TABLE t", "ALTER TABLE t ADD",
          "ALTER TABLE t ADD COLUMN c", "ALTER TABLE t ADD c int)", "ALTER TABLE t RENAME a TO",
          "ALTER TABLE a.b.c ADD d int", "CREATE INDEX", "CREATE INDEX i ON", "CREATE INDEX i ON t",
          "CREATE INDEX i ON t ()", "DROP INDEX", "CREATE", "CREATE TABLE", "1 + ", ")",
          "ALTER TABLE t ADD (a int", "ALTER TABLE t ADD a int,"}) {
        for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
            CAPTURE(sql);
            try {
                for (const MigrationFromSql& migration : migrations_from_sql(sql, {engine, {}})) {
                    static_cast<void>(parsed(migration));
                }
            } catch (const Error& error) {
                CHECK(error.kind != ErrorKind::internal);
            }
        }
    }
}
