#pragma once
// How an alteration reads to people. Private to db/.

#include "sluice/db/alteration.h"

#include <string>
#include <vector>

namespace sluice {

/// "rename column \"a\" of \"users\" to \"b\""
[[nodiscard]] std::string summary_of(const Alteration& alteration);
[[nodiscard]] std::string
summary_of(const std::vector<Alteration>& alterations); ///< joined by semicolons

} // namespace sluice
