#pragma once
// The append-only record of who did what, when and with what result.

#include "sluice/db/session.h"
#include "sluice/state/actor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct LedgerEntry {
    std::int64_t id = 0;
    std::string at; ///< server time, UTC
    std::string actor;
    std::string host;
    std::string verb;   ///< "expand", "pause", "contract", …
    std::string object; ///< "migration 20261121093000", "run 3"
    std::string from;
    std::string to;
    std::string reason;
    std::string evidence; ///< JSON, may be empty
};

/// Appends within the caller's transaction, if one is open. `at`, `actor`, `host` are filled in.
void append_ledger(Session& session, const Actor& actor, const LedgerEntry& entry);

/// The newest `limit` entries, oldest first; `object` narrows to one object when not empty.
[[nodiscard]] std::vector<LedgerEntry> read_ledger(Session& session, int limit,
                                                   const std::string& object = {});

} // namespace sluice
