#pragma once
// A plain statement as the change that it means, where one is declared; as a written-out step where
// none is. Without a grammar: what is not fully understood is written out.

#include "sluice/db/url.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct MigrationFromSql {
    std::string name;                    ///< for the file: "users_username"
    std::string text;                    ///< the file
    std::vector<std::string> understood; ///< a sentence for each part
};

struct FromSqlOptions {
    Engine engine = Engine::postgresql; ///< whose spelling it is
    std::string table;                  ///< of a DROP INDEX that does not say it; may be empty
};

/// Several alterations in one statement become several changes of one file. Declared changes and
/// written-out steps stand in files of their own, in their order: within one file the changes would
/// come first. Throws Error{usage} for a text that holds no statement, or does not end.
[[nodiscard]] std::vector<MigrationFromSql> migrations_from_sql(std::string_view sql,
                                                                const FromSqlOptions& options);

} // namespace sluice
