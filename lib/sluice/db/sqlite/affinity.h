#pragma once
// What a declared type means to SQLite. Private to db/.

#include <string_view>

namespace sluice {

enum class Affinity { integer, text, real, numeric, blob };

/// The rules of SQLite's manual ("Determination Of Column Affinity").
[[nodiscard]] Affinity affinity_of(std::string_view declared);

} // namespace sluice
