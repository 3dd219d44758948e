#pragma once
// Small things done to SQL as text. Private to db/.

#include "sluice/db/url.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice {

/// The text between two quote characters, with each quote character inside doubled.
[[nodiscard]] std::string enclosed(std::string_view text, char quote);

/// ASCII only, as SQL keywords are.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string upper_case(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

[[nodiscard]] bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

/// The expression as an operand: in parentheses unless it is one token.
[[nodiscard]] std::string operand(std::string_view expression, Engine engine);

} // namespace sluice
