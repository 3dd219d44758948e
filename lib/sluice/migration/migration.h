#pragma once
// A migration as it was written: one TOML file, parsed and checked for form, not yet held against a
// database.

#include "sluice/migration/change.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// [[expand]] or [[contract]]: one statement written out. Several statements are several entries.
struct SqlStep {
    EngineText sql;
    std::optional<EngineText> undo;
    bool irreversible = false; ///< undo = false
    std::optional<EngineText>
        done; ///< a query returning 1 once the statement took effect, for what no fingerprint shows
    Location location;
};

enum class BackfillKind { set, into, remove };

/// [[backfill]]
struct BackfillStep {
    BackfillKind kind = BackfillKind::set;
    TableName table;
    std::vector<std::string> key; ///< empty: the primary key
    std::vector<std::pair<std::string, EngineText>>
        set; ///< in file order; for `into`: target column = expression over the source
    std::optional<TableName> into;
    std::optional<EngineText> where;
    bool once = false;
    Location location;
};

/// [[verify]]
struct VerifyStep {
    TableName table;
    std::vector<std::string> key; ///< empty: the primary key
    EngineText expect;            ///< must be true for every row
    Location location;
};

/// [pace], from the file or the environment; what is not given is inherited.
struct PaceSettings {
    std::optional<std::int64_t> batch_rows;
    std::optional<std::int64_t> batch_max;
    std::optional<std::chrono::milliseconds> batch_time;
    std::optional<double> duty;
    std::optional<std::chrono::milliseconds> sleep;
    std::optional<int> workers;
};

/// [gate]
struct GateSettings {
    std::optional<std::chrono::seconds> soak;
    bool approve = false;
    std::vector<EngineText>
        conditions; ///< conditions = ["SELECT …"]: each must return one true value
};

enum class Risk { low, medium, high };

struct Migration {
    std::string version; ///< the digits before the first "_" of the file's name
    std::string name;    ///< the rest, without ".toml"
    std::string file;    ///< as given, for messages
    std::string summary;
    std::string owner;
    Risk risk = Risk::medium;
    std::optional<std::chrono::seconds> rto; ///< how long a rollback may take; rehearsals check it
    bool views = false; ///< the new version of the application gets a schema of views
    std::vector<Change> changes;
    std::vector<SqlStep> expand;
    std::vector<BackfillStep> backfills;
    std::vector<VerifyStep> verifications;
    std::vector<SqlStep> contract;
    PaceSettings pace;
    GateSettings gate;
    std::string definition; ///< the changes and phases in one canonical JSON text, on which the
                            ///< hash is taken
    std::string
        hash; ///< hex; not over [pace], [gate], summary, owner, risk, comments or formatting
};

/// "10ms", "2s", "5m", "24h", "7d". Throws Error{usage} naming what was expected.
[[nodiscard]] std::chrono::milliseconds parse_duration(std::string_view text);

} // namespace sluice
