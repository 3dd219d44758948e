#pragma once
// sluice.toml: the environments of a project. It is looked for in the current folder, or named by
// --config. What it names with a relative path (the migrations, a SQLite file) is relative to its
// own folder; what the command line names, to the current one.
//
//     migrations = "migrations"
//
//     [env.dev]
//     url = "sqlite:dev.db"
//
//     [env.production]
//     url = "env:DATABASE_URL"        # or file:/run/secrets/database-url
//     lock_timeout = "500ms"
//     [env.production.pace]
//     batch_rows = 500
//     [env.production.throttle]
//     replica_lag = "5s"

#include "sluice/db/url.h"
#include "sluice/migration/migration.h"
#include "sluice/throttle/rules.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace sluice {

struct Environment {
    std::string url; ///< as written: a URL, "env:NAME" or "file:PATH"
    PaceSettings pace;
    Rules throttle;
    bool single_writer = false; ///< of a Galera cluster only the member of `url` is written to
    std::optional<std::chrono::milliseconds> lock_timeout; ///< of schema changes
};

struct Config {
    std::string file;   ///< empty: there is none
    std::string folder; ///< what relative paths stand in
    std::string migrations = "migrations";
    std::map<std::string, Environment> environments;
};

/// Throws Error{usage} with file, line, column and the nearest key.
[[nodiscard]] Config read_config(const std::string& path);
[[nodiscard]] Config parse_config(const std::string& text, const std::string& path);

/// What was asked for on the command line; empty: not given.
struct Wanted {
    std::string url;
    std::string environment;
    std::string migrations;
};

/// Which database, which migrations, which pace.
struct Settings {
    std::optional<Url> url; ///< nullopt: nothing says where
    std::string missing;    ///< then why, as a hint
    std::string environment;
    std::string migrations;
    PaceSettings pace;
    Rules throttle;
    bool single_writer = false;
    std::optional<std::chrono::milliseconds> lock_timeout;
};

/// What comes first says where: --url, --env, SLUICE_URL, SLUICE_ENV, DATABASE_URL, the only
/// environment of the file. Of several environments none is taken unasked. Pace and throttle are
/// those of the environment, wherever the URL comes from.
[[nodiscard]] Settings resolve(const Config& config, const Wanted& wanted);

} // namespace sluice
