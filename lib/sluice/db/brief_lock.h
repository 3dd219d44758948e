#pragma once
// Statements that hold their locks for a moment only, on a server that can be asked for a lock
// without waiting for it.

#include "sluice/db/dialect.h"

#include <string_view>

namespace sluice {

/// Can the statement be asked for again and again without waiting, at no cost but the asking?
/// MariaDB; not what builds something first and needs the lock at its end, where the work would be
/// lost. PostgreSQL gives way before it finds a deadlock, MySQL counts whole seconds, and nobody
/// queues on SQLite.
[[nodiscard]] bool takes_brief_lock(const Dialect& dialect, std::string_view sql);

} // namespace sluice
