#pragma once
// Who stands in the way of a lock, as far as the server tells: for people to read, never for a
// decision, because it is asked after the wait is over.

#include "sluice/core/error.h"
#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct LockHolder {
    std::string session;   ///< "pid 4711", "connection 12": what ends it
    std::string user;      ///< of the database; of the machine on SQLite
    std::string program;   ///< application name, client host, or the name of the process
    std::string activity;  ///< "idle in transaction", "Sleep"; empty where unknown
    std::string statement; ///< what it runs or ran last, as the server shows it
    std::optional<std::chrono::seconds> age; ///< of its transaction
    bool is_certain = true; ///< false: it has a transaction open, and may be the one
    std::string doubt;      ///< why it only may be, a clause for people
};

/// Other sessions that hold a lock on one of the tables (on SQLite, on the database; of no table:
/// on any that is locked against reading), at most three, and readers only where nobody writes.
/// Never throws: nobody, where the server does not tell, or does not tell this user.
[[nodiscard]] std::vector<LockHolder> lock_holders(Session& session,
                                                   const std::vector<TableName>& tables) noexcept;

/// "held by pid 4711 (psql, user "ada", idle in transaction for 12 s: UPDATE t SET a = ?)", the
/// values of the statement left out; "" for nobody.
[[nodiscard]] std::string describe(const std::vector<LockHolder>& holders, Engine engine);

/// The same error; where it is about a lock, its message says who held it. The session is not
/// inside a transaction.
[[nodiscard]] Error naming_lock_holders(const Error& error, Session& session,
                                        const std::vector<TableName>& tables);

} // namespace sluice
