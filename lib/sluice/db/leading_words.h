#pragma once
// Recognises a statement by its words: "ALTER TABLE ... ADD CHECK" fits a statement that begins
// with ALTER TABLE and holds ADD CHECK, in a row, anywhere later. Words inside quotes and comments
// do not count. Private to db/.

#include "sluice/db/url.h"

#include <string_view>

namespace sluice {

/// `pattern` in upper case, its words separated by single spaces.
[[nodiscard]] bool has_words(std::string_view sql, std::string_view pattern, Engine engine);

} // namespace sluice
