#pragma once
// TOML text to Migration. Every error names file, line and column, what was expected and what was
// found, and the nearest valid key. Unknown keys, wrong types, a table where a list belongs and the
// reverse, an empty or non-UTF-8 file are errors.

#include "sluice/migration/migration.h"

#include <string>
#include <string_view>

namespace sluice {

/// Reads and parses a file. Throws Error{definition}.
[[nodiscard]] Migration read_migration(const std::string& path);
/// The same from text; `file` gives version and name, and stands in messages.
[[nodiscard]] Migration parse_migration(std::string_view text, const std::string& file);

} // namespace sluice
