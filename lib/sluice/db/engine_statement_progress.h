#pragma once
// How each engine is asked what a statement is doing. They throw what the server throws. Private to
// db/.

#include "sluice/db/statement_progress.h"

namespace sluice {

[[nodiscard]] std::optional<StatementProgress>
postgresql_statement_progress(Session& session, std::string_view connection_id,
                              const std::vector<TableName>& tables);
[[nodiscard]] std::optional<StatementProgress>
mysql_statement_progress(Session& session, std::string_view connection_id,
                         const std::vector<TableName>& tables);

} // namespace sluice
