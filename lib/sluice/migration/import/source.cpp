#include "sluice/migration/import/source.h"

#include "sluice/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sluice {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 50'000;

[[noreturn]] void fail(const std::string& problem, const std::string& hint)
{
    throw Error(ErrorKind::usage, problem, {.hint = hint});
}

bool is_read(const fs::path& path)
{
    const std::string ending = path.extension().string();
    return ending == ".sql" || ending == ".plan" || ending == ".conf";
}

std::string normalised(std::string text)
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.compare(0, mark.size(), mark) == 0) {
        text.erase(0, mark.size());
    }
    for (std::size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) {
        text.erase(at, 1);
    }
    return text;
}

std::string read_text(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad() || !file.is_open()) {
        fail(fmt::format("cannot read \"{}\"", path.string()), "Check its permissions.");
    }
    return normalised(std::move(text));
}

ImportFile file_at(const fs::path& path, const fs::path& folder)
{
    return {path.lexically_relative(folder).generic_string(),
            is_read(path) ? read_text(path) : std::string()};
}

bool is_hidden(const fs::path& path)
{
    return path.filename().string().rfind('.', 0) == 0;
}

} // namespace

std::string ImportFile::name() const
{
    return path.substr(path.rfind('/') + 1); // npos + 1 is the beginning
}

const ImportFile* ImportSource::find(const std::string& path) const
{
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const ImportFile& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

std::string ImportSource::display(const ImportFile& file) const
{
    return folder.empty() || folder == "." ? file.path : folder + "/" + file.path;
}

ImportSource read_import_source(const std::string& path)
{
    std::error_code failed;
    const fs::path start = fs::path(path).lexically_normal();
    if (fs::is_regular_file(start, failed)) {
        return {start.parent_path().generic_string(), {file_at(start, start.parent_path())}};
    }
    if (!fs::is_directory(start, failed)) {
        fail(fmt::format("there is no folder \"{}\"", path),
             "Give the folder that holds the other tool's migrations.");
    }
    std::string folder = start.generic_string();
    if (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    ImportSource source{folder, {}};
    for (auto entry = fs::recursive_directory_iterator(start, failed);
         entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
        if (entry->is_directory(failed) && is_hidden(entry->path())) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file(failed)) {
            source.files.push_back(file_at(entry->path(), folder));
        }
        if (source.files.size() > most_files) {
            fail(fmt::format("\"{}\" holds more than {} files", path, most_files),
                 "Give the folder that holds the migrations alone.");
        }
    }
    std::sort(source.files.begin(), source.files.end(),
              [](const ImportFile& a, const ImportFile& b) { return a.path < b.path; });
    return source;
}

} // namespace sluice
