#include "sluice/migration/import/flyway_name.h"

#include "sluice/migration/folder.h"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

bool is_version(std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && is_digit(text.front()) && is_digit(text.back()) &&
           text.find_first_not_of("0123456789._") == std::string_view::npos;
}

} // namespace

std::optional<FlywayName> flyway_name(std::string_view file)
{
    constexpr std::array<std::string_view, 7> endings{".sql", ".java", ".class", ".kt",
                                                      ".py",  ".sh",   ".ps1"};
    const auto ending = std::find_if(endings.begin(), endings.end(),
                                     [&](std::string_view one) { return file.ends_with(one); });
    if (ending == endings.end() || file.empty()) {
        return std::nullopt;
    }
    const char prefix = file.front();
    const std::string_view stem = file.substr(0, file.size() - ending->size());
    const std::size_t separator = stem.find("__");
    if (std::string_view("VUBR").find(prefix) == std::string_view::npos ||
        separator == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view version = stem.substr(1, separator - 1);
    if (prefix == 'R' ? !version.empty() : !is_version(version)) {
        return std::nullopt;
    }
    return FlywayName{prefix, std::string(version), std::string(stem.substr(separator + 2)),
                      *ending == ".sql"};
}

std::vector<std::string> version_parts(std::string_view version)
{
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = std::min(version.find_first_of("._"), version.size());
        std::string_view part = version.substr(0, end);
        while (part.size() > 1 && part.front() == '0') {
            part.remove_prefix(1);
        }
        parts.emplace_back(part.empty() ? "0" : part);
        if (end == version.size()) {
            return parts;
        }
        version.remove_prefix(end + 1);
    }
}

int compare_flyway(std::string_view a, std::string_view b)
{
    std::vector<std::string> left = version_parts(a);
    std::vector<std::string> right = version_parts(b);
    const std::size_t size = std::max(left.size(), right.size());
    left.resize(size, "0");
    right.resize(size, "0");
    for (std::size_t n = 0; n < size; ++n) {
        if (const int order = compare_versions(left[n], right[n]); order != 0) {
            return order;
        }
    }
    return 0;
}

} // namespace sluice
