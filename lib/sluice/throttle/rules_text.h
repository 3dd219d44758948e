#pragma once
// Throttle rules as people read them.

#include "sluice/throttle/rules.h"

#include <string>

namespace sluice {

/// One line in the words of with_rule(), without passwords: "replica_lag=5s, window=22:00-06:00
/// utc".
[[nodiscard]] std::string text_of(const Rules& rules);

} // namespace sluice
