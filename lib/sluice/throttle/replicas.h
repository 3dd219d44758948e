#pragma once
// How far the replicas are behind. Where the log has positions, the lag is the time since the
// primary wrote what the replica has not applied yet: an idle primary's replicas have none, however
// long ago they applied anything, and no clock of theirs is believed. Private to throttle/.

#include "sluice/core/clock.h"
#include "sluice/db/server_signals.h"
#include "sluice/throttle/connection.h"
#include "sluice/throttle/signal.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// When the primary was where.
class LagHistory {
public:
    void add(double position, SteadyTime now);

    /// Seconds since the position that was added last was passed by the primary, for one who is at
    /// `applied`. `reported` counts where the history does not reach back that far.
    [[nodiscard]] double lag(double applied, std::optional<double> reported) const;

private:
    struct Sample {
        double position = 0;
        SteadyTime at{};
    };

    std::deque<Sample> samples_;
};

class Replicas {
public:
    /// `sources` as in Rules; empty: those that the primary sees.
    Replicas(MonitorConnection& primary, Clock& clock, const std::vector<std::string>& sources);

    [[nodiscard]] Reading lag();   ///< seconds, of the one furthest behind
    [[nodiscard]] Reading bytes(); ///< of the log, likewise

    void begin_round();

private:
    struct Source {
        std::string name;
        std::unique_ptr<MonitorConnection> connection;
    };

    [[nodiscard]] PrimaryState look();

    MonitorConnection& primary_;
    Clock& clock_;
    std::vector<Source> sources_;
    LagHistory history_;
};

/// How a replica is called where its URL must not be shown: "env:REPLICA", "db2:5432".
[[nodiscard]] std::string replica_name(const std::string& source);

} // namespace sluice
