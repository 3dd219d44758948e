#pragma once
// How triggers are made and dropped so that either may be done again, and how one writes to another
// table without making the statement fail that it stands in.

#include "sluice/db/mysql/dialect.h"

#include <string>
#include <vector>

namespace sluice::mysql {

struct TriggerDefinition {
    TableName name;   ///< in the schema of the table
    std::string when; ///< "AFTER INSERT"
    TableName table;
    std::string body; ///< from BEGIN to END
};

/// In the place of one of the same name.
[[nodiscard]] std::vector<std::string> create_trigger(const MysqlDialect& dialect,
                                                      const TriggerDefinition& trigger);
[[nodiscard]] std::string drop_trigger(const MysqlDialect& dialect, const TableName& name);

/// What the other table cannot take is left out, and so found later; a conflict between
/// transactions is not for a trigger to pass over.
[[nodiscard]] std::string guarded(const std::string& write);
/// The same, but what a foreign key refuses to the row that it refers to is refused.
[[nodiscard]] std::string guarded_unless_referred(const std::string& write);

} // namespace sluice::mysql
