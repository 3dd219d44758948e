#pragma once
// How a PostgreSQL connection comes to be: SOCI opens it, the session's settings are set and read
// back. Private to db/postgresql/.

#include "sluice/db/session.h"

#include <libpq-fe.h>
#include <soci/soci.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

[[nodiscard]] std::unique_ptr<soci::session> connect_postgresql(const Url& url,
                                                                const SessionOptions& options);

[[nodiscard]] PGconn* postgresql_handle(soci::session& session);

struct PostgresqlSetting {
    std::string name;
    std::string value;
};

/// What a session with these options sets. Neither names nor values hold a quote.
[[nodiscard]] std::vector<PostgresqlSetting> postgresql_settings(const SessionOptions& options);

/// The one text that libpq and SOCI's own reading of connect strings both leave whole.
[[nodiscard]] std::string postgresql_connect_string(const Url& url, const SessionOptions& options);

} // namespace sluice
