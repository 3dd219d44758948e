#pragma once
// What a statement that takes long is doing on the server, and who is in its way: asked from
// another session while it runs. For people to read.

#include "sluice/db/lock_holders.h"
#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct StatementProgress {
    std::string doing;        ///< "building index: scanning table", as the server says it
    std::int64_t done = 0;    ///< of `total`
    std::int64_t total = 0;   ///< 0: unknown
    std::string unit;         ///< "blocks", "rows", "transactions", "%"
    std::string waits_for;    ///< "held by pid 4711 (…)", as lock_holders.h describes them
    std::int64_t seconds = 0; ///< since it began
};

/// Of the connection with this id (Session::connection_id), about these tables. nullopt: it runs
/// nothing, is gone, or the server does not tell. Never throws.
[[nodiscard]] std::optional<StatementProgress>
statement_progress(Session& session, std::string_view connection_id,
                   const std::vector<TableName>& tables) noexcept;

/// "building index: scanning table, 61 % (1220 of 2000 blocks)"; the wait is not part of it.
[[nodiscard]] std::string describe(const StatementProgress& progress);

} // namespace sluice
