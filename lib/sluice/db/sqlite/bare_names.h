#pragma once
// SQLite writes names in quotes into the expressions that it edits when a column is renamed. Two
// expressions that differ in nothing else are one to the catalog. Private to db/.

#include <string>
#include <string_view>

namespace sluice::sqlite {

/// The expression with each name bare that needs no quotes.
[[nodiscard]] std::string with_bare_names(std::string_view sql);

} // namespace sluice::sqlite
