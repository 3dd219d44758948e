#pragma once
// How Flyway names its files and versions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct FlywayName {
    char prefix = 'V'; ///< V, U, B or R
    std::string version;
    std::string description; ///< as in the file's name
    bool is_sql = true;      ///< false: a class or a script of another language
};

[[nodiscard]] std::optional<FlywayName> flyway_name(std::string_view file);

/// "2.0_1" -> 2, 0, 1, as digits without leading zeros.
[[nodiscard]] std::vector<std::string> version_parts(std::string_view version);

/// -1, 0, 1: part by part as numbers; what is not there counts as 0.
[[nodiscard]] int compare_flyway(std::string_view a, std::string_view b);

} // namespace sluice
