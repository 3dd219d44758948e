#pragma once
// What a server can say about how it feels, as numbers: what the throttle watches. Reading changes
// nothing. What sluice's own sessions do is not counted, whoever runs them. Nothing that the server
// keeps from this user reads as zero: that is an Error, which says what privilege is needed.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct ServerReading {
    double value = 0;
    std::string text; ///< about the number: which slot, which session; may be empty
};

/// The names of the signals that this server has, replica_lag among them.
[[nodiscard]] std::vector<std::string> server_signals(const Dialect& dialect);

/// Any of them but the lag of replicas. `table` is the one that is worked on. Throws Error.
[[nodiscard]] ServerReading read_server_signal(Session& session, std::string_view name,
                                               const TableName& table);

/// How far replicas are. A position counts the bytes of the log from its beginning.
struct ReplicaState {
    std::string name;
    std::optional<double> position; ///< applied so far; nullopt: the engine does not number its log
    std::optional<double> lag;      ///< seconds, as the server itself estimates
};

struct PrimaryState {
    std::optional<double> position;     ///< written so far
    std::string identity;               ///< of the data, the same on its replicas; empty: unknown
    std::vector<ReplicaState> replicas; ///< that are connected, where the primary sees them
};

/// Whether a primary knows how far its replicas are; else each is to be asked.
[[nodiscard]] bool primary_sees_replicas(const Dialect& dialect);
[[nodiscard]] PrimaryState read_primary(Session& session);
/// Throws Error for a server that is no replica of `primary`, or does not replicate at the moment.
[[nodiscard]] ReplicaState read_replica(Session& session, const PrimaryState& primary);

/// The time of day on the server's own clock, "14:05".
[[nodiscard]] std::string server_time(Session& session);

} // namespace sluice
