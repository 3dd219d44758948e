#pragma once
// How a MySQL or MariaDB connection comes to be: SOCI opens it, TLS is checked, the session's
// settings are set and read back. Private to db/mysql/.

#include "sluice/db/dialect.h"
#include "sluice/db/session.h"

#include <mysql.h>
#include <soci/soci.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

[[nodiscard]] std::unique_ptr<soci::session> connect_mysql(const Url& url,
                                                           const SessionOptions& options);

[[nodiscard]] MYSQL* mysql_handle(soci::session& session);

/// SOCI's quoting: a value in single quotes, where a backslash takes the next byte as it is.
[[nodiscard]] std::string mysql_connect_string(const Url& url, const SessionOptions& options);

/// What VERSION() says, for instance "10.11.19-MariaDB-0+deb12u1" or "8.4.2".
[[nodiscard]] Server parse_mysql_version(std::string_view text);

struct MysqlSetting {
    std::string name; ///< of the session variable
    std::string value;
};

[[nodiscard]] std::vector<MysqlSetting> mysql_settings(const SessionOptions& options,
                                                       const Server& server);

/// How long a statement waits for a table and for a row; nullopt: as long as it takes.
[[nodiscard]] std::vector<MysqlSetting>
mysql_lock_settings(std::optional<std::chrono::milliseconds> timeout, const Server& server);

/// Lists compare without regard to order, numbers by value.
[[nodiscard]] bool same_setting(std::string_view wanted, std::string_view found);

} // namespace sluice
