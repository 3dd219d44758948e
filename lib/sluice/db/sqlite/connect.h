#pragma once
// How an SQLite connection comes to be. SOCI's header and SQLite's own cannot share a file (SOCI
// puts the latter into a namespace), so this one shows neither. Private to db/sqlite/.

#include "sluice/db/session.h"

#include <soci/soci.h>

#include <memory>
#include <string>

struct sqlite3;

namespace sluice {

[[nodiscard]] std::unique_ptr<soci::session> connect_sqlite(const Url& url);

[[nodiscard]] sqlite3* sqlite_handle(soci::session& session);

/// A file: URI, so that every byte of the path survives SOCI's and SQLite's reading.
[[nodiscard]] std::string sqlite_connect_string(const Url& url);

} // namespace sluice
