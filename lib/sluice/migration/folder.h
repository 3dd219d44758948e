#pragma once
// A directory of migration files, in the order of their versions (compared as numbers, whatever
// their length).

#include "sluice/migration/migration.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Every *.toml in `directory`, sorted. Throws Error{definition} for a name without a version, two
/// files with one version (both named), or any file that does not parse; Error{usage} where there
/// is no such directory.
[[nodiscard]] std::vector<Migration> read_folder(const std::string& directory);

struct FileName {
    std::string version; ///< digits
    std::string name;
};

/// The two parts of "…/VERSION_name.toml": a version of up to 32 digits and a name of letters,
/// digits, "_", "-" and ".". Throws Error{definition}.
[[nodiscard]] FileName parse_file_name(const std::string& path);

/// -1, 0, 1; versions are digits and compare as numbers.
[[nodiscard]] int compare_versions(std::string_view a, std::string_view b);

/// The one that `text` names: a version, a unique version prefix, a name, "version_name", or a
/// path. Throws Error{usage} with the nearest.
[[nodiscard]] const Migration& find_migration(const std::vector<Migration>& migrations,
                                              std::string_view text);

} // namespace sluice
