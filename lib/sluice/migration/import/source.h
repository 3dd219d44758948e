#pragma once
// The files of another tool's folder, as text.

#include <string>
#include <vector>

namespace sluice {

struct ImportFile {
    std::string path; ///< within the folder, its parts apart by "/"
    std::string text; ///< "\n" at line ends; empty where it is neither SQL, a plan nor settings

    [[nodiscard]] std::string name() const; ///< the last part of the path

    [[nodiscard]] bool is_at_top() const { return path.find('/') == std::string::npos; }
};

struct ImportSource {
    std::string folder;
    std::vector<ImportFile> files; ///< sorted by path

    [[nodiscard]] const ImportFile* find(const std::string& path) const;
    /// For messages: the folder and the path in it.
    [[nodiscard]] std::string display(const ImportFile& file) const;
};

/// Everything in a folder, or a single file. Throws Error{usage} where there is none.
[[nodiscard]] ImportSource read_import_source(const std::string& path);

} // namespace sluice
