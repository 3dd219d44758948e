#pragma once
// How each engine is asked who holds a lock. They throw what the server throws. Private to db/.

#include "sluice/db/lock_holders.h"

namespace sluice {

[[nodiscard]] std::vector<LockHolder> postgresql_lock_holders(Session& session,
                                                              const std::vector<TableName>& tables);
[[nodiscard]] std::vector<LockHolder> mysql_lock_holders(Session& session,
                                                         const std::vector<TableName>& tables);
/// Whoever may write to the file; the lock of SQLite is one for all tables.
[[nodiscard]] std::vector<LockHolder> sqlite_lock_holders(Session& session);
/// Other processes that read by way of the write-ahead log.
[[nodiscard]] std::vector<LockHolder> sqlite_log_readers(Session& session);

} // namespace sluice
