#include "write_files.h"

#include "sluice/core/error.h"
#include "sluice/migration/folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace sluice {

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The file of the folder that has this version, whatever its name.
std::optional<fs::path> file_with_version(const std::string& folder, const std::string& version)
{
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; entry != end; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        const std::string digits =
            name.substr(0, std::min(name.find_first_not_of("0123456789"), name.size()));
        if (name.ends_with(".toml") && !digits.empty() && compare_versions(digits, version) == 0) {
            return entry->path();
        }
    }
    return std::nullopt;
}

WrittenFile file_to_write(const ImportedMigration& migration, const std::string& to)
{
    if (!migration.is_whole) {
        return WrittenFile::left_out;
    }
    const std::optional<fs::path> known = file_with_version(to, migration.version);
    if (!known) {
        return WrittenFile::written;
    }
    if (known->filename() == migration.file_name() && text_of(*known) == migration.text) {
        return WrittenFile::there_already;
    }
    throw Error(ErrorKind::refused,
                fmt::format("\"{}\" is there already, and is not what {} gives", known->string(),
                            migration.source.file),
                {.hint = "Nothing was written. Move it away, or write to another folder with "
                         "`--to DIR`."});
}

} // namespace

Engine engine_from(const std::string& name)
{
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        if (name_of(engine) == name) {
            return engine;
        }
    }
    throw Error(ErrorKind::usage, fmt::format("there is no engine \"{}\"", name),
                {.hint = "There are postgresql, mysql (MariaDB too) and sqlite."});
}

bool is_version_taken(const std::string& folder, const std::string& version)
{
    return file_with_version(folder, version).has_value();
}

void write_new_file(const std::string& path, const std::string& text)
{
    std::error_code failed;
    if (const fs::path folder = fs::path(path).parent_path(); !folder.empty()) {
        fs::create_directories(folder, failed);
    }
    std::FILE* file = std::fopen(path.c_str(), "wxe");
    if (file == nullptr) {
        throw Error(ErrorKind::usage, errno == EEXIST ? fmt::format("\"{}\" is there already", path)
                                                      : fmt::format("cannot write \"{}\": {}", path,
                                                                    std::strerror(errno)));
    }
    const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool is_closed = std::fclose(file) == 0;
    if (!is_written || !is_closed) {
        fs::remove(path, failed);
        throw Error(ErrorKind::usage, fmt::format("cannot write \"{}\"", path));
    }
}

std::vector<WrittenFile> files_to_write(const ImportedFolder& folder, const std::string& to)
{
    std::vector<WrittenFile> files;
    for (const ImportedMigration& migration : folder.migrations) {
        files.push_back(file_to_write(migration, to));
    }
    return files;
}

void write_files(const ImportedFolder& folder, const std::string& to,
                 const std::vector<WrittenFile>& files)
{
    for (std::size_t n = 0; n < files.size(); ++n) {
        if (files[n] == WrittenFile::written) {
            write_new_file(to + "/" + folder.migrations[n].file_name(), folder.migrations[n].text);
        }
    }
}

} // namespace sluice
