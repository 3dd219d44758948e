#pragma once
// The candidate that a mistyped word probably meant, for hints.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The candidate with the fewest edits, unless that is more than a third of the word's length (two
/// for short words). Letters compare without case.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

} // namespace sluice
