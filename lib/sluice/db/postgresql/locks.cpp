#include "sluice/db/leading_words.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

namespace {

struct LockRule {
    std::string_view words; ///< as leading_words gives them; the first rule that fits counts
    std::string_view lock;
};

// Measured on PostgreSQL 15 and 18.
const std::vector<LockRule> rules = {
    {"CREATE TABLE", "none on existing tables (SHARE ROW EXCLUSIVE on tables it references)"},
    {"CREATE INDEX ... CONCURRENTLY",
     "SHARE UPDATE EXCLUSIVE while the index is built: nobody waits"},
    {"CREATE UNIQUE INDEX ... CONCURRENTLY",
     "SHARE UPDATE EXCLUSIVE while the index is built: nobody waits"},
    {"CREATE INDEX", "SHARE while the index is built: writers wait"},
    {"CREATE UNIQUE INDEX", "SHARE while the index is built: writers wait"},
    {"DROP INDEX ... CONCURRENTLY", "SHARE UPDATE EXCLUSIVE: nobody waits"},
    {"DROP INDEX", "ACCESS EXCLUSIVE on the table, brief"},
    {"REINDEX ... CONCURRENTLY", "SHARE UPDATE EXCLUSIVE: nobody waits"},
    {"REINDEX", "SHARE on the table, ACCESS EXCLUSIVE on the index, while it is built"},
    {"ALTER TABLE ... VALIDATE CONSTRAINT", "SHARE UPDATE EXCLUSIVE while the table is read"},
    {"ALTER TABLE ... FOREIGN KEY ... NOT VALID", "SHARE ROW EXCLUSIVE on both tables, brief"},
    {"ALTER TABLE ... FOREIGN KEY",
     "SHARE ROW EXCLUSIVE on both tables while they are read: writers wait"},
    {"ALTER TABLE ... NOT VALID", "ACCESS EXCLUSIVE, brief"},
    {"ALTER TABLE ... USING INDEX", "ACCESS EXCLUSIVE, brief"},
    {"ALTER TABLE ... ADD CONSTRAINT",
     "ACCESS EXCLUSIVE while the table is read: readers and writers wait"},
    {"ALTER TABLE ... ADD CHECK",
     "ACCESS EXCLUSIVE while the table is read: readers and writers wait"},
    {"ALTER TABLE ... ADD UNIQUE",
     "ACCESS EXCLUSIVE while the index is built: readers and writers wait"},
    {"ALTER TABLE ... ADD PRIMARY KEY",
     "ACCESS EXCLUSIVE while the index is built: readers and writers wait"},
    {"ALTER TABLE ... SET NOT NULL",
     "ACCESS EXCLUSIVE while the table is read, unless a valid check says so already"},
    {"ALTER TABLE ... TYPE",
     "ACCESS EXCLUSIVE, and mostly while the whole table is rewritten: readers and writers wait"},
    {"ALTER TABLE ... SET LOGGED", "ACCESS EXCLUSIVE while the whole table is rewritten"},
    {"ALTER TABLE ... SET UNLOGGED", "ACCESS EXCLUSIVE while the whole table is rewritten"},
    {"ALTER TABLE ... SET STATISTICS", "SHARE UPDATE EXCLUSIVE, brief"},
    {"ALTER TABLE ... ENABLE TRIGGER", "SHARE ROW EXCLUSIVE, brief"},
    {"ALTER TABLE ... DISABLE TRIGGER", "SHARE ROW EXCLUSIVE, brief"},
    {"ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY", "SHARE UPDATE EXCLUSIVE on the parent"},
    {"ALTER TABLE ... ATTACH PARTITION",
     "SHARE UPDATE EXCLUSIVE on the parent, ACCESS EXCLUSIVE on the partition"},
    {"ALTER TABLE", "ACCESS EXCLUSIVE, brief"},
    {"ALTER INDEX", "SHARE UPDATE EXCLUSIVE on the index, brief"},
    {"DROP TABLE", "ACCESS EXCLUSIVE on the table and on those it references, brief"},
    {"TRUNCATE", "ACCESS EXCLUSIVE, brief"},
    {"VACUUM ... FULL", "ACCESS EXCLUSIVE while the whole table is rewritten"},
    {"VACUUM", "SHARE UPDATE EXCLUSIVE"},
    {"CLUSTER", "ACCESS EXCLUSIVE while the whole table is rewritten"},
    {"CREATE TRIGGER", "SHARE ROW EXCLUSIVE, brief: writers wait, readers do not"},
    {"CREATE OR REPLACE TRIGGER", "SHARE ROW EXCLUSIVE, brief: writers wait, readers do not"},
    {"CREATE CONSTRAINT TRIGGER", "SHARE ROW EXCLUSIVE, brief: writers wait, readers do not"},
    {"DROP TRIGGER", "ACCESS EXCLUSIVE, brief"},
    {"CREATE POLICY", "ACCESS EXCLUSIVE, brief"},
    {"CREATE RULE", "ACCESS EXCLUSIVE, brief"},
    {"REFRESH MATERIALIZED VIEW ... CONCURRENTLY",
     "EXCLUSIVE on the view: its readers do not wait"},
    {"REFRESH MATERIALIZED VIEW", "ACCESS EXCLUSIVE on the view while it is filled"},
    {"COMMENT ON", "SHARE UPDATE EXCLUSIVE, brief"},
    {"INSERT", "row locks"},
    {"UPDATE", "row locks on every row it changes, until its transaction ends"},
    {"DELETE", "row locks on every row it removes, until its transaction ends"},
    {"MERGE", "row locks on every row it changes, until its transaction ends"},
};

// What PostgreSQL refuses inside a transaction block.
const std::vector<std::string_view> alone = {
    "CREATE INDEX ... CONCURRENTLY",
    "CREATE UNIQUE INDEX ... CONCURRENTLY",
    "DROP INDEX ... CONCURRENTLY",
    "REINDEX ... CONCURRENTLY",
    "REINDEX DATABASE",
    "REINDEX SYSTEM",
    "REINDEX SCHEMA",
    "ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY",
    "VACUUM",
    "ALTER SYSTEM",
    "CREATE DATABASE",
    "DROP DATABASE",
    "CREATE TABLESPACE",
    "DROP TABLESPACE",
    "CREATE SUBSCRIPTION",
    "DROP SUBSCRIPTION",
};

// Their lock lets readers and writers pass, and those do not queue behind it either.
const std::vector<std::string_view> patient = {
    "CREATE INDEX ... CONCURRENTLY",
    "CREATE UNIQUE INDEX ... CONCURRENTLY",
    "DROP INDEX ... CONCURRENTLY",
    "REINDEX ... CONCURRENTLY",
    "REFRESH MATERIALIZED VIEW ... CONCURRENTLY",
    "ALTER TABLE ... VALIDATE CONSTRAINT",
};

// What fails or is ended in their middle leaves an index that is not valid, and that every write
// has to keep up all the same.
const std::vector<std::string_view> building = {
    "CREATE INDEX ... CONCURRENTLY",
    "CREATE UNIQUE INDEX ... CONCURRENTLY",
    "REINDEX ... CONCURRENTLY",
};

bool is_one_of(std::string_view sql, const std::vector<std::string_view>& patterns)
{
    return std::any_of(patterns.begin(), patterns.end(), [sql](std::string_view words) {
        return has_words(sql, words, Engine::postgresql);
    });
}

/// An ALTER TABLE of several parts takes the strongest lock of them.
bool has_several_parts(std::string_view sql)
{
    const std::vector<Token> tokens = tokenize(sql, Engine::postgresql);
    return std::any_of(tokens.begin(), tokens.end(),
                       [](const Token& token) { return token.is_symbol(','); });
}

} // namespace

bool PostgresqlDialect::is_patient(std::string_view sql) const
{
    return is_one_of(sql, patient) &&
           !(has_words(sql, "ALTER TABLE", Engine::postgresql) && has_several_parts(sql));
}

/// The index that the statement names, and what REINDEX makes beside the one that it replaces;
/// nothing while somebody still builds on the table.
std::string PostgresqlDialect::leftovers_of(std::string_view sql,
                                            const std::vector<TableName>& tables) const
{
    if (tables.empty() || !is_one_of(sql, building)) {
        return {};
    }
    std::string names;
    for (const std::string& name : names_in(sql, Engine::postgresql)) {
        names += (names.empty() ? "" : ", ") + literal(lower_case(name));
    }
    std::string of_tables;
    for (const TableName& table : tables) {
        of_tables +=
            (of_tables.empty() ? "to_regclass(" : ", to_regclass(") + literal(quote(table)) + ")";
    }
    return "SELECT 'DROP INDEX CONCURRENTLY IF EXISTS ' || quote_ident(n.nspname) || '.' || "
           "quote_ident(c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN "
           "pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' "
           "AND "
           "i.indrelid IN (" +
           of_tables + ") AND (lower(c.relname) IN (" + names +
           ") OR c.relname ~ '_cc(new|old)[0-9]*$') AND NOT EXISTS (SELECT FROM "
           "pg_stat_progress_create_index p WHERE p.relid = i.indrelid)";
}

Mode PostgresqlDialect::mode_of(std::string_view sql) const
{
    for (const std::string_view words : alone) {
        if (has_words(sql, words, Engine::postgresql)) {
            return Mode::standalone;
        }
    }
    return Mode::atomic;
}

std::string PostgresqlDialect::lock_of(std::string_view sql) const
{
    for (const LockRule& rule : rules) {
        if (has_words(sql, rule.words, Engine::postgresql)) {
            return std::string(rule.lock);
        }
    }
    return {};
}

} // namespace sluice
