#include "sluice/db/leading_words.h"
#include "sluice/db/sqlite/dialect.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

namespace {

// What SQLite refuses inside a transaction, or takes without effect there.
const std::vector<std::string_view> alone = {
    "VACUUM",
    "ATTACH",
    "DETACH",
    "PRAGMA journal_mode",
    "PRAGMA foreign_keys",
    "PRAGMA synchronous",
};

const std::vector<std::string_view> rewriting = {
    "ALTER TABLE ... DROP", "CREATE INDEX", "CREATE UNIQUE INDEX", "REINDEX", "VACUUM",
};

const std::vector<std::string_view> reading = {"SELECT", "EXPLAIN", "PRAGMA"};

bool is_one_of(std::string_view sql, const std::vector<std::string_view>& patterns)
{
    return std::any_of(patterns.begin(), patterns.end(), [sql](std::string_view words) {
        return has_words(sql, words, Engine::sqlite);
    });
}

} // namespace

Mode SqliteDialect::mode_of(std::string_view sql) const
{
    return is_one_of(sql, alone) ? Mode::standalone : Mode::atomic;
}

std::string SqliteDialect::lock_of(std::string_view sql) const
{
    if (is_one_of(sql, reading)) {
        return {};
    }
    return is_one_of(sql, rewriting) ? "the database's write lock while the table is worked through"
                                     : "the database's write lock until its transaction ends";
}

} // namespace sluice
