#include "sluice/db/leading_words.h"
#include "sluice/db/mysql/dialect.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

namespace {

struct LockRule {
    std::string_view words; ///< as has_words reads them; the first rule that fits counts
    std::string_view lock;
};

constexpr std::string_view instant = "metadata lock, brief";
constexpr std::string_view copies =
    "metadata lock, and the table is copied: writers wait until it is done";

// Measured on MariaDB 10.11 and MySQL 9.7.
const std::vector<LockRule> rules = {
    {"CREATE TABLE", "none on existing tables"},
    {"ALTER TABLE ... LOCK = NONE", "metadata lock at start and end, brief; writes go on"},
    {"ALTER TABLE ... ALGORITHM = INSTANT", instant},
    {"ALTER TABLE ... FULLTEXT", "metadata lock; writers wait while the index is built"},
    {"ALTER TABLE ... FOREIGN KEY", copies},
    {"ALTER TABLE ... CHECK", copies},
    {"ALTER TABLE ... MODIFY", copies},
    {"ALTER TABLE ... CHANGE", copies},
    {"ALTER TABLE ... CONVERT", copies},
    {"ALTER TABLE ... ADD INDEX",
     "metadata lock at start and end, brief; writes go on while the index is built"},
    {"ALTER TABLE ... ADD UNIQUE",
     "metadata lock at start and end, brief; writes go on while the index is built"},
    {"ALTER TABLE ... ADD KEY",
     "metadata lock at start and end, brief; writes go on while the index is built"},
    {"ALTER TABLE", instant},
    {"CREATE FULLTEXT INDEX", "metadata lock; writers wait while the index is built"},
    {"CREATE SPATIAL INDEX", "metadata lock; writers wait while the index is built"},
    {"CREATE INDEX",
     "metadata lock at start and end, brief; writes go on while the index is built"},
    {"CREATE UNIQUE INDEX",
     "metadata lock at start and end, brief; writes go on while the index is built"},
    {"DROP INDEX", instant},
    {"DROP TABLE", "metadata lock on the table, brief"},
    {"RENAME TABLE", instant},
    {"TRUNCATE", instant},
    {"OPTIMIZE TABLE", "metadata lock at start and end, brief; the table is rebuilt"},
    {"CREATE TRIGGER", instant},
    {"CREATE OR REPLACE TRIGGER", instant},
    {"DROP TRIGGER", instant},
    {"INSERT", "row locks"},
    {"REPLACE", "row locks"},
    {"LOAD DATA", "row locks"},
    {"UPDATE", "row locks on every row it reads, until its transaction ends"},
    {"DELETE", "row locks on every row it reads, until its transaction ends"},
};

// What does not commit the transaction that it stands in.
const std::vector<std::string_view> transactional = {
    "INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "DO", "SET", "LOAD DATA", "VALUES",
};

struct Clause {
    std::string_view words; ///< the first one that fits counts
    std::string_view clause;
};

// The weakest that the servers accept (measured on MariaDB 10.11 and MySQL 9.7); with it they
// refuse where they cannot, instead of copying the table with writers shut out.
const std::vector<Clause> weakest = {
    {"ALTER TABLE ... FULLTEXT", "ALGORITHM=INPLACE, LOCK=SHARED"},
    {"ALTER TABLE ... SPATIAL", "ALGORITHM=INPLACE, LOCK=SHARED"},
    {"ALTER TABLE ... AUTO_INCREMENT", "ALGORITHM=INPLACE, LOCK=SHARED"},
    {"ALTER TABLE ... PRIMARY KEY", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... INDEX", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... KEY", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... UNIQUE", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... MODIFY", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... CHANGE", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... CONVERT", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... CONSTRAINT", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... FORCE", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... ENGINE", "ALGORITHM=INPLACE, LOCK=NONE"},
    {"ALTER TABLE ... PARTITION", ""},
    {"ALTER TABLE", "ALGORITHM=INSTANT"},
};

} // namespace

std::string MysqlDialect::lock_advice(std::string_view sql) const
{
    if (has_words(sql, "ALTER TABLE ... ALGORITHM", Engine::mysql) ||
        has_words(sql, "ALTER TABLE ... LOCK", Engine::mysql)) {
        return {};
    }
    for (const Clause& rule : weakest) {
        if (has_words(sql, rule.words, Engine::mysql)) {
            return rule.clause.empty()
                       ? std::string()
                       : "says neither ALGORITHM nor LOCK: where the server must, it copies the "
                         "table with writers shut out. End it with \", " +
                             std::string(rule.clause) + "\", and it is refused instead.";
        }
    }
    return {};
}

Mode MysqlDialect::mode_of(std::string_view sql) const
{
    for (const std::string_view words : transactional) {
        if (has_words(sql, words, Engine::mysql)) {
            return Mode::atomic;
        }
    }
    return Mode::standalone;
}

std::string MysqlDialect::lock_of(std::string_view sql) const
{
    for (const LockRule& rule : rules) {
        if (has_words(sql, rule.words, Engine::mysql)) {
            return std::string(rule.lock);
        }
    }
    return {};
}

std::string MysqlDialect::lock_tables(const std::vector<TableName>& tables) const
{
    std::string list;
    for (const TableName& table : tables) {
        list += (list.empty() ? "" : ", ") + quote(table) + " WRITE";
    }
    return "LOCK TABLES " + list;
}

std::string MysqlDialect::unlock_tables() const
{
    return "UNLOCK TABLES";
}

} // namespace sluice
