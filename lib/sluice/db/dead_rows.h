#pragma once
// The rows of a table that are dead and not removed yet, what removes them, and what keeps them:
// PostgreSQL's alone.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <cstdint>
#include <string>

namespace sluice {

struct DeadRows {
    std::int64_t dead = 0;
    std::int64_t live = 0;
    std::string vacuum;     ///< "pid 77" of the one that works on the table; empty: none
    std::string autovacuum; ///< "is off for it", "begins beyond 20050", "is due"
    /// Whose snapshot is the oldest, where it is older than a second: vacuum removes nothing that
    /// died since. "pid 77 (psql, user "app")"; empty: nobody's, or this user may not see it.
    std::string keeper;
    std::string keeper_age; ///< "12m"; empty: unknown
    std::string owner;
    bool may_vacuum = false; ///< this user
};

/// As the server counts, which learns of a session's work within a second. Throws Error, also where
/// there is no such table.
[[nodiscard]] DeadRows read_dead_rows(Session& session, const TableName& table);
/// "autovacuum is off for it; pid 77 (psql, user "app"), open for 12m, keeps what died since".
[[nodiscard]] std::string describe(const DeadRows& rows);

/// Vacuums the table as gently as autovacuum would, without giving room back to the disk, which
/// would need a lock that stops everybody. Takes as long as it takes; Session::cancel ends it.
/// Where this user may not vacuum the table the server passes over it and reports no error.
void vacuum_table(Session& session, const TableName& table);

} // namespace sluice
