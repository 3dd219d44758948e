#pragma once
// Telling a pooler that hands each transaction to another connection (PgBouncer in transaction
// mode) from the server itself. Through one, a session's settings and prepared statements would be
// missing where they are needed, and stay behind for the application where they are not: it is told
// before anything is set. Private to db/postgresql/.

#include "sluice/core/error.h"
#include "sluice/db/session.h"

#include <libpq-fe.h>

namespace sluice {

/// Whether this connection, which did not end at the server process that it was promised, shares
/// that process with other connections. A second connection is opened to see.
[[nodiscard]] bool shares_server_processes(PGconn* handle, const Url& url,
                                           const SessionOptions& options);

[[nodiscard]] Error transaction_pooler_found();

} // namespace sluice
