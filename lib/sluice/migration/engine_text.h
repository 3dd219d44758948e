#pragma once
// What stands in a migration file: SQL that may differ by engine, and where it stands.

#include "sluice/db/url.h"

#include <map>
#include <optional>
#include <string>

namespace sluice {

/// A text that may differ by engine: `sql = "…"` for all, or `sql = { postgresql = "…", mysql =
/// "…", sqlite = "…" }`
/// (`mariadb` is accepted for MariaDB alone and goes before `mysql` there).
struct EngineText {
    std::string all;
    std::map<std::string, std::string> by_engine; ///< keys: postgresql, mysql, mariadb, sqlite

    /// The text for this engine, or nullopt where none was given for it.
    [[nodiscard]] std::optional<std::string> text_for(Engine engine, bool is_mariadb) const;
    friend bool operator==(const EngineText&, const EngineText&) = default;
};

/// Where in which file something stands; line and column count from 1.
struct Location {
    std::string file;
    int line = 0;
    int column = 0;

    [[nodiscard]] std::string display() const; ///< "migrations/…_users.toml:12:3"
};

} // namespace sluice
