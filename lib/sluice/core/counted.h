#pragma once
// Numbers in sentences.

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] std::string readable(std::int64_t count); ///< 1,234,567
/// "1 row", "2 rows".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);

} // namespace sluice
