#pragma once

#include <string_view>

namespace sluice {

/// The version of the library and the program, as in CMake's project().
[[nodiscard]] std::string_view version();

} // namespace sluice
