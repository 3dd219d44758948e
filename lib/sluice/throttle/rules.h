#pragma once
// What makes a run wait: a limit for each signal that is watched. A plain value, written in
// sluice.toml, kept with the run, so that every worker on every machine obeys the same:
//
//     [env.production.throttle]
//     replica_lag        = "5s"                              # holds above it
//     oldest_transaction = { max = "5m", critical = "1h" }   # critical: pauses the run
//     free_disk          = "20GB"                            # holds below it
//     replicas           = ["env:REPLICA_URL"]
//     window             = "22:00-06:00 utc"

#include "sluice/throttle/quantity.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// On which side of the limit the trouble is.
enum class Side { above, below };

/// A signal that a number is the limit of.
struct SignalKind {
    std::string_view name;
    Unit unit = Unit::count;
    Side side = Side::above;
};

[[nodiscard]] const std::vector<SignalKind>& signal_kinds();
/// Throws Error{usage} with the nearest name.
[[nodiscard]] const SignalKind& signal_kind(std::string_view name);

struct Limits {
    double hold = 0;                ///< work waits beyond it
    std::optional<double> critical; ///< beyond it the run is paused until a person resumes it

    friend bool operator==(const Limits&, const Limits&) = default;
};

/// A query of the user's that returns one number.
struct NumberQuery {
    std::string name;
    std::string sql;
    Limits limits;

    friend bool operator==(const NumberQuery&, const NumberQuery&) = default;
};

enum class Zone {
    utc,
    local,  ///< of the machine that a worker runs on
    server, ///< of the database server
};

/// Work goes on from `from`, and stops before `to`, every day; over midnight where `to` is earlier.
struct DailyWindow {
    std::chrono::minutes from{0};
    std::chrono::minutes to{0};
    Zone zone = Zone::utc;

    friend bool operator==(const DailyWindow&, const DailyWindow&) = default;
};

/// Who removes dead rows that are beyond their limit.
enum class Vacuum {
    wait, ///< somebody else: the server's own, as a rule
    run,  ///< the run itself, while it waits
};

struct Rules {
    std::map<std::string, Limits, std::less<>> limits; ///< by the name of a signal kind
    std::vector<std::string> replicas; ///< as written: a URL, "env:NAME" or "file:/PATH"
    std::vector<NumberQuery> queries;
    std::vector<std::string> commands;   ///< shell command lines; exit code 0: go
    std::vector<std::string> probes;     ///< http:// URLs; 200: go
    std::vector<std::string> flag_files; ///< absolute paths; there: hold
    std::optional<DailyWindow> window;
    Vacuum vacuum = Vacuum::wait;

    [[nodiscard]] bool empty() const { return *this == Rules{}; }

    friend bool operator==(const Rules&, const Rules&) = default;
};

/// Changes one rule: "replica_lag" to "10s", "replica_lag.critical" to "60s", "window" to
/// "22:00-06:00 utc"; adds to a list ("flag_files", "/path"); "off" takes it, or the whole list,
/// away. Throws Error{usage}.
[[nodiscard]] Rules with_rule(Rules rules, std::string_view key, std::string_view value);

/// One line of JSON and back, as a run keeps it; "" is no rules. Throws Error{refused} for rules
/// that this version does not know: to leave one out would be to work against it.
[[nodiscard]] std::string to_json(const Rules& rules);
[[nodiscard]] Rules rules_from_json(std::string_view json);

/// The same without the passwords in its URLs: for people.
[[nodiscard]] Rules shown(Rules rules);

/// "wait" or "run". Throws Error{usage}.
[[nodiscard]] Vacuum parse_vacuum(std::string_view text);

/// "22:00-06:00 utc". Throws Error{usage}.
[[nodiscard]] DailyWindow parse_window(std::string_view text);
[[nodiscard]] std::string text_of(const DailyWindow& window);

} // namespace sluice
