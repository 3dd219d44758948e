#pragma once
// Migration files written by a command: never over one that is there.

#include "sluice/report/adoption.h"

#include <string>
#include <vector>

namespace sluice {

/// Throws Error{usage} with those that there are.
[[nodiscard]] Engine engine_from(const std::string& name);

/// Has a file of the folder this version?
[[nodiscard]] bool is_version_taken(const std::string& folder, const std::string& version);

/// Throws Error{usage} where it is there already or cannot be written.
void write_new_file(const std::string& path, const std::string& text);

/// Which of the files are to be written. Throws Error{refused} where one is there with another
/// text, or another file has its version.
[[nodiscard]] std::vector<WrittenFile> files_to_write(const ImportedFolder& folder,
                                                      const std::string& to);

void write_files(const ImportedFolder& folder, const std::string& to,
                 const std::vector<WrittenFile>& files);

} // namespace sluice
