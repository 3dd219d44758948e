#include "sluice/migration/import/numbering.h"

#include "sluice/migration/folder.h"
#include "sluice/migration/import/flyway_name.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

/// What comes later is named by the time at which it is written, and must sort last.
constexpr std::string_view latest = "20991231235959";

std::vector<std::string> by_place(std::size_t count)
{
    const std::size_t width = std::max<std::size_t>(4, std::to_string(count).size());
    std::vector<std::string> versions;
    for (std::size_t n = 1; n <= count; ++n) {
        versions.push_back(fmt::format("{:0>{}}", n, width));
    }
    return versions;
}

/// How many digits each part of a number needs.
std::vector<std::size_t> widths_of(const std::vector<ForeignMigration>& migrations)
{
    std::vector<std::size_t> widths;
    for (const ForeignMigration& migration : migrations) {
        const std::vector<std::string> parts = version_parts(migration.number);
        widths.resize(std::max(widths.size(), parts.size()), 1);
        for (std::size_t n = 0; n < parts.size(); ++n) {
            widths[n] = std::max(widths[n], parts[n].size());
        }
    }
    return widths;
}

std::string joined(const std::string& number, const std::vector<std::size_t>& widths)
{
    if (widths.size() == 1) {
        return number; // as it was written, zeros in front included
    }
    std::vector<std::string> parts = version_parts(number);
    parts.resize(widths.size(), "0");
    std::string version = parts.front();
    for (std::size_t n = 1; n < parts.size(); ++n) {
        version += fmt::format("{:0>{}}", parts[n], widths[n]);
    }
    return version;
}

std::string next_after(std::string version)
{
    for (auto digit = version.rbegin(); digit != version.rend(); ++digit) {
        if (*digit != '9') {
            ++*digit;
            return version;
        }
        *digit = '0';
    }
    return "1" + version;
}

/// Those without a number follow the last that has one.
std::vector<std::string> by_number(const std::vector<ForeignMigration>& migrations)
{
    std::vector<ForeignMigration> numbered;
    std::copy_if(migrations.begin(), migrations.end(), std::back_inserter(numbered),
                 [](const ForeignMigration& one) { return !one.number.empty(); });
    const std::vector<std::size_t> widths = widths_of(numbered);
    std::vector<std::string> versions;
    for (const ForeignMigration& migration : migrations) {
        if (!migration.number.empty()) {
            versions.push_back(joined(migration.number, widths));
        } else {
            versions.push_back(versions.empty() ? "1" : next_after(versions.back()));
        }
    }
    return versions;
}

bool ascends(const std::vector<std::string>& versions)
{
    for (std::size_t n = 1; n < versions.size(); ++n) {
        if (compare_versions(versions[n - 1], versions[n]) >= 0) {
            return false;
        }
    }
    return versions.empty() || compare_versions(versions.back(), latest) <= 0;
}

bool has_twins(ForeignFolder& folder)
{
    bool found = false;
    for (std::size_t n = 1; n < folder.migrations.size(); ++n) {
        const ForeignMigration& one = folder.migrations[n - 1];
        ForeignMigration& other = folder.migrations[n];
        if (!one.number.empty() && !other.number.empty() &&
            compare_flyway(one.number, other.number) == 0) {
            other.is_usable = false;
            found = true;
            folder.findings.push_back(
                problem_at(other.source.file, other.source.line,
                           fmt::format("has the same version as {}", one.source.file),
                           "Give one of them another version."));
        }
    }
    return found;
}

} // namespace

std::vector<std::string> number_migrations(ForeignFolder& folder)
{
    const bool has_numbers =
        std::any_of(folder.migrations.begin(), folder.migrations.end(),
                    [](const ForeignMigration& one) { return !one.number.empty(); });
    if (!has_numbers) {
        return by_place(folder.migrations.size());
    }
    std::vector<std::string> versions = by_number(folder.migrations);
    if (has_twins(folder) || ascends(versions)) {
        return versions;
    }
    folder.findings.push_back(
        warning_at(folder.migrations.front().source.file, 0,
                   "its versions do not give the tool's order as numbers, or would sort after "
                   "what is written from now on",
                   "They are numbered by their place instead."));
    return by_place(folder.migrations.size());
}

} // namespace sluice
