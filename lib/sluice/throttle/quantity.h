#pragma once
// What signals measure: numbers with a unit, as people write and read them.

#include <string>
#include <string_view>

namespace sluice {

enum class Unit {
    duration, ///< seconds; written "500ms", "5s", "10m", "1h"
    bytes,    ///< written "512kB", "64MB", "20GB", "1TB"; 1 kB is 1024 bytes
    count,    ///< written 100
    share,    ///< of 1; written 0.25
    flag,     ///< 0 or 1; written true
};

/// Throws Error{usage} that says what was expected and what was found.
[[nodiscard]] double parse_quantity(Unit unit, std::string_view text);

/// Short, rounded to what matters: "7.2s", "1.5GB", "1,234", "0.25".
[[nodiscard]] std::string readable_quantity(Unit unit, double value);

} // namespace sluice
