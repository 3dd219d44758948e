#include "sluice/migration/folder.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/migration/reader.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <iterator>
#include <system_error>
#include <utility>

namespace sluice {

namespace {

constexpr std::string_view suffix = ".toml";
constexpr std::size_t longest_version = 32; // it becomes part of the names of triggers
constexpr std::size_t longest_name = 200;
constexpr std::size_t many_files = 200; // from here on a second thread is worth its start

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_name_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
}

[[noreturn]] void fail_name(const std::string& path, const std::string& problem)
{
    Error::Details details;
    details.hint = "Name it VERSION_name.toml, as in 20261121093000_users_username.toml.";
    throw Error(ErrorKind::definition, fmt::format("{}: {}", path, problem), std::move(details));
}

[[noreturn]] void fail_usage(const std::string& problem, std::string hint)
{
    Error::Details details;
    details.hint = std::move(hint);
    throw Error(ErrorKind::usage, problem, std::move(details));
}

std::string full_name(const Migration& migration)
{
    return migration.version + "_" + migration.name;
}

std::string_view without_zeros(std::string_view digits)
{
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

bool is_migration_file(const std::filesystem::directory_entry& entry)
{
    const std::string name = entry.path().filename().string();
    std::error_code ignored; // what cannot be looked at is a file that cannot be read: told later
    return name.size() >= suffix.size() && name.front() != '.' && name.ends_with(suffix) &&
           !entry.is_directory(ignored);
}

struct File {
    std::string version;
    std::string path;
};

/// By version; files of one version by path, so that whoever reads the directory is told the same.
bool goes_before(const File& a, const File& b)
{
    const int order = compare_versions(a.version, b.version);
    return order < 0 || (order == 0 && a.path < b.path);
}

std::vector<File> files_in(const std::string& directory)
{
    std::error_code failure;
    std::filesystem::directory_iterator entries(directory, failure);
    if (failure) {
        fail_usage(
            fmt::format("cannot read the directory \"{}\": {}", directory, failure.message()),
            "Name the directory of the migrations with migrations = \"…\" in sluice.toml.");
    }
    std::vector<std::string> paths;
    for (const auto& entry : entries) {
        if (is_migration_file(entry)) {
            paths.push_back(entry.path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<File> files;
    for (std::string& path : paths) {
        std::string version = parse_file_name(path).version;
        files.push_back({.version = std::move(version), .path = std::move(path)});
    }
    std::sort(files.begin(), files.end(), goes_before);
    return files;
}

void check_unique(const std::vector<File>& files)
{
    const auto twin =
        std::adjacent_find(files.begin(), files.end(), [](const File& a, const File& b) {
            return compare_versions(a.version, b.version) == 0;
        });
    if (twin == files.end()) {
        return;
    }
    const File& other = *std::next(twin);
    Error::Details details;
    details.hint = fmt::format("Give one of them another version: `mv {} …`.", other.path);
    throw Error(ErrorKind::definition,
                fmt::format("two files have the version {}: \"{}\" and \"{}\"", twin->version,
                            twin->path, other.path),
                std::move(details));
}

std::vector<Migration> read_files(const std::vector<File>& files, std::size_t begin,
                                  std::size_t end)
{
    std::vector<Migration> migrations;
    migrations.reserve(files.size());
    for (std::size_t n = begin; n < end; ++n) {
        migrations.push_back(read_migration(files[n].path));
    }
    return migrations;
}

bool is_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string file_stem(std::string_view text)
{
    const std::string name = std::filesystem::path(text).filename().string();
    return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

template <class Matches>
std::vector<const Migration*> matching(const std::vector<Migration>& migrations, Matches matches)
{
    std::vector<const Migration*> found;
    for (const Migration& migration : migrations) {
        if (matches(migration)) {
            found.push_back(&migration);
        }
    }
    return found;
}

/// The first way of naming that finds any decides.
std::vector<const Migration*> candidates(const std::vector<Migration>& migrations,
                                         std::string_view text)
{
    std::vector<const Migration*> found;
    if (is_digits(text)) {
        found = matching(migrations, [text](const Migration& migration) {
            return compare_versions(migration.version, text) == 0;
        });
    }
    const std::string stem = file_stem(text);
    if (found.empty()) {
        found = matching(migrations, [&stem](const Migration& migration) {
            return full_name(migration) == stem;
        });
    }
    if (found.empty()) {
        found = matching(migrations,
                         [text](const Migration& migration) { return migration.name == text; });
    }
    if (found.empty() && is_digits(text)) {
        found = matching(migrations, [text](const Migration& migration) {
            return migration.version.starts_with(text);
        });
    }
    return found;
}

[[noreturn]] void fail_unknown(const std::vector<Migration>& migrations, std::string_view text)
{
    std::vector<std::string> names;
    for (const Migration& migration : migrations) {
        names.push_back(migration.version);
        names.push_back(migration.name);
        names.push_back(full_name(migration));
    }
    const std::optional<std::string> meant = nearest(text, names);
    fail_usage(fmt::format("no migration is called \"{}\"", text),
               meant ? fmt::format("Did you mean \"{}\"?", *meant)
                     : "`sluice status` lists the migrations.");
}

} // namespace

FileName parse_file_name(const std::string& path)
{
    const std::string file = std::filesystem::path(path).filename().string();
    if (!file.ends_with(suffix)) {
        fail_name(path, "the name of a migration file ends in \".toml\"");
    }
    const std::string stem = file.substr(0, file.size() - suffix.size());
    const auto end = std::find_if_not(stem.begin(), stem.end(), is_digit);
    FileName parts{.version = std::string(stem.begin(), end), .name = {}};
    if (parts.version.empty()) {
        fail_name(path, "the name of the file does not begin with a version");
    }
    if (parts.version.size() > longest_version) {
        fail_name(path, fmt::format("the version has {} digits, {} is the most",
                                    parts.version.size(), longest_version));
    }
    if (end == stem.end() || *end != '_' || std::next(end) == stem.end()) {
        fail_name(path,
                  fmt::format("the version {} is not followed by \"_\" and a name", parts.version));
    }
    parts.name = std::string(std::next(end), stem.end());
    if (parts.name.size() > longest_name ||
        !std::all_of(parts.name.begin(), parts.name.end(), is_name_character)) {
        fail_name(path, fmt::format("the name after the version has {}",
                                    parts.name.size() > longest_name
                                        ? "more than 200 characters"
                                        : "characters other than letters, digits, \"_\", \"-\" "
                                          "and \".\""));
    }
    return parts;
}

std::vector<Migration> read_folder(const std::string& directory)
{
    const std::vector<File> files = files_in(directory);
    check_unique(files);
    const std::size_t half = files.size() < many_files ? files.size() : files.size() / 2;
    // Both are waited for before anything is thrown; of two errors the first file's is told.
    std::future<std::vector<Migration>> rest =
        std::async(half == files.size() ? std::launch::deferred : std::launch::async,
                   [&files, half] { return read_files(files, half, files.size()); });
    std::vector<Migration> migrations = read_files(files, 0, half);
    std::vector<Migration> others = rest.get();
    std::move(others.begin(), others.end(), std::back_inserter(migrations));
    return migrations;
}

int compare_versions(std::string_view a, std::string_view b)
{
    const std::string_view left = without_zeros(a);
    const std::string_view right = without_zeros(b);
    if (left.size() != right.size()) {
        return left.size() < right.size() ? -1 : 1;
    }
    const int order = left.compare(right);
    return order == 0 ? 0 : (order < 0 ? -1 : 1);
}

const Migration& find_migration(const std::vector<Migration>& migrations, std::string_view text)
{
    const std::vector<const Migration*> found = candidates(migrations, text);
    if (found.empty()) {
        fail_unknown(migrations, text);
    }
    if (found.size() > 1) {
        std::vector<std::string> names;
        for (const Migration* migration : found) {
            names.push_back("\"" + full_name(*migration) + "\"");
        }
        fail_usage(fmt::format("\"{}\" names {} migrations: {}", text, found.size(),
                               fmt::join(names, ", ")),
                   "Give more digits of the version.");
    }
    return *found.front();
}

} // namespace sluice
