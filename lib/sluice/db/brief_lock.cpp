#include "sluice/db/brief_lock.h"

#include "sluice/db/leading_words.h"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

struct Rule {
    std::string_view words; ///< as has_words reads them; the first rule that fits counts
    bool is_brief = true;
};

constexpr std::array<Rule, 11> rules{{
    {"BEGIN NOT ATOMIC DECLARE SLUICE_NEXT"}, // AUTO_INCREMENT, in successor.cpp
    {"ALTER TABLE ... ALGORITHM = INSTANT"},
    {"ALTER TABLE ... DROP COLUMN", false}, // rewrites every row
    {"ALTER TABLE ... DROP FOREIGN KEY"},
    {"ALTER TABLE ... DROP INDEX"},
    {"CREATE TRIGGER"},
    {"CREATE OR REPLACE TRIGGER"},
    {"DROP TRIGGER"},
    {"DROP TABLE"},
    {"RENAME TABLE"},
    {"LOCK TABLES"},
}};

} // namespace

bool takes_brief_lock(const Dialect& dialect, std::string_view sql)
{
    const auto rule = std::find_if(rules.begin(), rules.end(), [sql](const Rule& each) {
        return has_words(sql, each.words, Engine::mysql);
    });
    return dialect.server().is_mariadb && rule != rules.end() && rule->is_brief;
}

} // namespace sluice
