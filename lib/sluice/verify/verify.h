#pragma once
// Is the result right? Verification never trusts the backfill's code: its own SQL on its own
// connection, range by range, every row.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/plan/action.h"

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

struct VerifyReport {
    std::int64_t rows = 0;                ///< looked at
    std::int64_t failures = 0;            ///< rows for which `expect` is not true, at two looks
    std::vector<std::string> failed_keys; ///< the first 20, as encoded keys
    std::int64_t set_aside = 0; ///< rows for which it is not true either, but known for that

    [[nodiscard]] bool passed() const { return failures == 0; }
};

/// A row that fails is looked at again after the rest, because the application writes meanwhile:
/// only what fails twice counts, without the rows in `set_aside` (encoded keys; state/bad_rows.h).
/// Throws Error{interrupted} when stop is requested.
[[nodiscard]] VerifyReport verify(Session& session, const VerifyWork& work, Listener& listener,
                                  const std::stop_token& stop,
                                  const std::set<std::string>& set_aside = {});

} // namespace sluice
