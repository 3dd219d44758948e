#pragma once
// Decides whether work may go on, from what the signals say. Collecting the readings is somebody
// else's part (monitor.h), obeying too. Pure: the time is handed in.
//
// A signal holds from its first reading beyond the limit until its readings have been 20 % on the
// right side of it for a while, so that work does not flutter round a limit. One that cannot be
// read, was not read yet or not for long, holds as well, and says so.

#include "sluice/core/clock.h"
#include "sluice/throttle/rules.h"
#include "sluice/throttle/signal.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// A signal that is watched, and its limit.
struct SignalRule {
    std::string name; ///< "replica_lag", "flag file /run/hold"
    Unit unit = Unit::count;
    Side side = Side::above;
    Limits limits;
};

enum class SignalState {
    fine,
    over,       ///< beyond the limit
    critical,   ///< beyond the critical limit, twice in a row
    calming,    ///< was beyond the limit, and must stay well away from it for a while
    unreadable, ///< the last attempt to read it failed
    stale,      ///< nobody has tried to read it for a while
    unread,     ///< the first sampling is under way
};
[[nodiscard]] std::string_view name_of(SignalState state);

struct SignalStatus {
    std::string signal;
    SignalState state = SignalState::unread;
    std::string reading;  ///< "7.2s (db2)"; empty: none
    std::string limit;    ///< "5s"; empty for what is only there or not
    std::string critical; ///< "60s"; empty: none
    std::string text;     ///< "replica_lag 7.2s over 5s", for people, without the time
    WallTime since{};     ///< when it began to hold

    [[nodiscard]] bool holds() const { return state != SignalState::fine; }
};

struct Decision {
    bool holds = false;       ///< no batch is to begin
    bool is_critical = false; ///< the run is to be paused until a person resumes it
    std::vector<SignalStatus> signals;

    [[nodiscard]] std::vector<SignalStatus> reasons() const; ///< those that hold, all of them
};

/// "replica_lag 7.2s over 5s since 10:31:05; flag file /x is there since 10:29:00" (UTC); empty
/// where nothing holds.
[[nodiscard]] std::string reasons_text(const Decision& decision);
/// One line, for table run: {"holds": true, "critical": false, "signals": [{"signal": …}]}.
[[nodiscard]] std::string decision_json(const Decision& decision);

/// Now, by both clocks.
struct Moment {
    SteadyTime steady{};
    WallTime wall{};
};

class Throttle {
public:
    static constexpr std::chrono::seconds calm_time{3};
    static constexpr std::chrono::seconds stale_after{15};

    explicit Throttle(const std::vector<SignalRule>& rules);

    /// What signal `n` of the rules said, or why it did not.
    void note(std::size_t n, Reading reading, Moment now);
    void note_failure(std::size_t n, std::string why, Moment now);

    [[nodiscard]] Decision decide(Moment now) const;

private:
    struct Watched {
        SignalRule rule;
        std::optional<Reading> reading;
        std::string failure;
        std::optional<SteadyTime> read_at; ///< or tried to
        bool holds = false;
        WallTime since{};
        std::optional<SteadyTime> calm_since;
        int critical_readings = 0; ///< in a row
    };

    [[nodiscard]] static SignalState state_of(const Watched& watched, Moment now);
    [[nodiscard]] static SignalStatus status_of(const Watched& watched, Moment now);

    std::vector<Watched> watched_;
};

} // namespace sluice
