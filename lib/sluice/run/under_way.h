#pragma once
// What the runner that holds a database is doing on the server just now, asked from outside: an
// index build and its progress, a lock that is waited for and who has it. Looks, changes nothing.

#include "sluice/db/session.h"
#include "sluice/db/statement_progress.h"
#include "sluice/state/lease.h"

#include <optional>
#include <vector>

namespace sluice {

struct UnderWay {
    LeaseHolder runner;
    std::optional<StatementProgress> statement; ///< nullopt: none, or the server does not tell
};

/// nullopt: nobody holds the database. `tables`: those that it may be working on.
[[nodiscard]] std::optional<UnderWay> under_way(Session& session,
                                                const std::vector<TableName>& tables = {});

} // namespace sluice
