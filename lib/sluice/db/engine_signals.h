#pragma once
// How each engine is asked for its signals. Private to db/.

#include "sluice/db/server_signals.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct SignalReader {
    std::string_view name;
    ServerReading (*read)(Session& session, const TableName& table);
};

[[nodiscard]] const std::vector<SignalReader>& postgresql_signals();
[[nodiscard]] const std::vector<SignalReader>& mysql_signals();
[[nodiscard]] const std::vector<SignalReader>& sqlite_signals();

[[nodiscard]] PrimaryState read_postgresql_primary(Session& session);
[[nodiscard]] ReplicaState read_postgresql_replica(Session& session, const PrimaryState& primary);
[[nodiscard]] ReplicaState read_mysql_replica(Session& session);

/// Throws Error{sql}: a signal that cannot be read, and why.
[[noreturn]] void fail_signal(const std::string& why, Cause cause = Cause::other);
/// The number in the first column of the only row; NULL or no row is a failure for `why`.
[[nodiscard]] double number_in(const Rows& rows, const std::string& why);
/// Bytes that this process's machine has left for everybody where the folder or file is.
[[nodiscard]] ServerReading free_space(const std::string& path);

} // namespace sluice
