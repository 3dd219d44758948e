#pragma once
// Where a database is. `sqlite:PATH`, `postgresql://user:password@host:port/database?key=value`,
// `mysql://…`, `mariadb://…`; user, password, database and values are percent-decoded, so a
// password may hold any character. A unix socket is `?socket=/path/to/socket` (MySQL: the file;
// PostgreSQL: the directory or the file) or a percent-encoded host. TLS: PostgreSQL takes libpq's
// sslmode, sslrootcert, sslcert, sslkey, channel_binding; MySQL takes ssl-ca, ssl-cert, ssl-key and
// ssl-mode=disabled|preferred|required|verify-ca|verify-identity. SQLite takes mode=ro|rw|rwc.
// Unknown parameters are refused with the nearest known one.

#include <map>
#include <string>
#include <string_view>

namespace sluice {

enum class Engine { postgresql, mysql, sqlite };

[[nodiscard]] std::string_view name_of(Engine engine); ///< "postgresql", "mysql", "sqlite"

struct Url {
    Engine engine = Engine::sqlite;
    std::string user;
    std::string password;
    std::string host;
    int port = 0; ///< 0: the engine's own
    std::string database;
    std::string socket;
    std::string path; ///< SQLite only
    std::map<std::string, std::string> parameters;

    /// For people and logs: everything but the password, which is shown as "***" where one was
    /// given.
    [[nodiscard]] std::string display() const;
};

/// Throws Error{usage} that says what was expected and what was found, never repeating a password.
[[nodiscard]] Url parse_url(std::string_view text);

} // namespace sluice
