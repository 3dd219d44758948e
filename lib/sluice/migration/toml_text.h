#pragma once
// Values as they stand in a migration file, whatever they hold.

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What stands between the quotes of a basic string.
[[nodiscard]] std::string toml_escaped(std::string_view value);
/// "users"
[[nodiscard]] std::string toml_string(std::string_view value);
/// ["a", "b"]
[[nodiscard]] std::string toml_list(const std::vector<std::string>& values);
/// A text of several lines stays readable: '''…'''.
[[nodiscard]] std::string toml_block(std::string_view value);
/// Each line behind "# "; empty for an empty text.
[[nodiscard]] std::string toml_comment(std::string_view text);

} // namespace sluice
