#include "sluice/migration/reader.h"

#include "sluice/core/error.h"
#include "sluice/core/nearest.h"
#include "sluice/migration/folder.h"
#include "sluice/migration/parts.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sluice {

namespace {

constexpr std::size_t most_bytes = 1024 * 1024;

[[noreturn]] void fail_file(const std::string& file, const std::string& problem, std::string hint)
{
    fail_definition({.file = file, .line = 0, .column = 0}, problem, std::move(hint));
}

[[noreturn]] void fail_size(const std::string& file)
{
    fail_file(
        file, "the file is larger than 1 MiB",
        "A migration holds statements, not rows: write the rows as a [[backfill]] from a table.");
}

[[noreturn]] void fail_reading(const std::string& path)
{
    fail_file(path, fmt::format("cannot be read: {}", std::strerror(errno)),
              "Check the path and its permissions.");
}

class OpenFile {
public:
    explicit OpenFile(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC))
    {
        if (number_ < 0) {
            fail_reading(path);
        }
    }

    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    ~OpenFile() { ::close(number_); }

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// A folder may have a thousand files: no call more than each needs.
std::string read_file(const std::string& path)
{
    const OpenFile file(path);

    struct stat status {};

    if (::fstat(file.number(), &status) != 0) {
        fail_reading(path);
    }
    if (S_ISDIR(status.st_mode)) {
        fail_file(path, "is a directory, expected a migration file",
                  "Give the path of one file in it.");
    }
    std::string text;
    // One byte more than it said it has, to see its end in the first piece. A pipe says nothing.
    std::string piece(
        std::min<std::size_t>(static_cast<std::size_t>(status.st_size), most_bytes) + 1, '\0');
    for (;;) {
        const ssize_t count = ::read(file.number(), piece.data(), piece.size());
        if (count < 0) {
            fail_reading(path);
        }
        text.append(piece, 0, static_cast<std::size_t>(count));
        if (text.size() > most_bytes) {
            fail_size(path);
        }
        const bool is_whole = S_ISREG(status.st_mode) && count > 0 &&
                              text.size() == static_cast<std::size_t>(status.st_size);
        if (count == 0 || is_whole) {
            return text;
        }
    }
}

/// Without a byte order mark, and with "\n" at line ends: what a checkout does to a file must not
/// change its hash.
std::string normalised(std::string_view text)
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.substr(0, mark.size()) == mark) {
        text.remove_prefix(mark.size());
    }
    std::string result;
    result.reserve(text.size());
    while (true) {
        const std::size_t end = text.find("\r\n");
        result += text.substr(0, end);
        if (end == std::string_view::npos) {
            return result;
        }
        text.remove_prefix(end + 1); // the "\n" stays
    }
}

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

/// With a small letter, as messages begin.
std::string as_message(std::string_view sentence)
{
    std::string text(sentence);
    if (!text.empty()) {
        text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    }
    return text;
}

toml::table parse(const std::string& text, const std::string& file)
{
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        const std::string problem = as_message(error.description());
        const bool is_encoding = problem.find("invalid utf-8 sequence") != std::string::npos;
        fail_definition({.file = file,
                         .line = static_cast<int>(at.line),
                         .column = static_cast<int>(at.column)},
                        is_encoding ? "the file is not UTF-8 text"
                                    : fmt::format("not valid TOML: {}", problem),
                        is_encoding ? "Save it as UTF-8: `iconv -f latin1 -t utf-8`."
                                    : "The format is described at https://toml.io/en/v1.0.0.");
    }
}

Risk read_risk(const Section& section)
{
    const std::vector<std::string> names{"low", "medium", "high"};
    const std::string found = section.find_line("risk").value_or("medium");
    const auto known = std::find(names.begin(), names.end(), found);
    if (known == names.end()) {
        const std::optional<std::string> meant = nearest(found, names);
        section.fail_at("risk", fmt::format("unknown risk \"{}\"", found),
                        fmt::format("{}Write \"low\", \"medium\" or \"high\".",
                                    meant ? fmt::format("Did you mean \"{}\"? ", *meant) : ""));
    }
    return static_cast<Risk>(known - names.begin());
}

void read_phases(const Section& root, Migration& migration)
{
    for (const Section& section : root.sections("change")) {
        migration.changes.push_back(read_change(section));
    }
    check_targets(migration.changes);
    for (const Section& section : root.sections("expand")) {
        migration.expand.push_back(read_sql_step(section));
    }
    for (const Section& section : root.sections("backfill")) {
        migration.backfills.push_back(read_backfill(section));
    }
    for (const Section& section : root.sections("verify")) {
        migration.verifications.push_back(read_verify(section));
    }
    for (const Section& section : root.sections("contract")) {
        migration.contract.push_back(read_sql_step(section));
    }
}

void read_settings(const Section& root, Migration& migration)
{
    migration.summary = root.find_line("summary").value_or("");
    migration.owner = root.find_line("owner").value_or("");
    migration.risk = read_risk(root);
    if (const auto rto = root.find_duration("rto")) {
        migration.rto = std::chrono::ceil<std::chrono::seconds>(*rto);
    }
    if (const std::optional<Section> pace = root.find_section("pace")) {
        migration.pace = read_pace(*pace);
    }
    if (const std::optional<Section> gate = root.find_section("gate")) {
        migration.gate = read_gate(*gate);
    }
}

bool is_empty(const Migration& migration)
{
    return migration.changes.empty() && migration.expand.empty() && migration.backfills.empty() &&
           migration.verifications.empty() && migration.contract.empty();
}

} // namespace

Migration read_migration(const std::string& path)
{
    static_cast<void>(parse_file_name(path)); // a wrong name is told before a missing file
    return parse_migration(read_file(path), path);
}

Migration parse_migration(std::string_view text, const std::string& file)
{
    const FileName parts = parse_file_name(file);
    if (text.size() > most_bytes) {
        fail_size(file);
    }
    const std::string source = normalised(text);
    const std::string help =
        "Start from a template: `sluice new rename_column table=… from=… to=…`.";
    if (is_blank(source)) {
        fail_file(file, "the file is empty", help);
    }
    const toml::table document = parse(source, file);
    if (document.empty()) {
        fail_file(file, "the file holds only comments", help);
    }
    const Section root(document, file, "");
    root.accept_only({"summary", "owner", "risk", "rto", "change", "expand", "backfill", "verify",
                      "contract", "pace", "gate", "views"},
                     "a migration file");
    Migration migration;
    migration.version = parts.version;
    migration.name = parts.name;
    migration.file = file;
    read_phases(root, migration);
    migration.views = root.find_flag("views").value_or(false);
    read_settings(root, migration);
    if (is_empty(migration)) {
        fail_file(file, "the file has nothing to do: no [[change]], and no phase written out",
                  help);
    }
    migration.definition = canonical_definition(migration);
    migration.hash = definition_hash(migration.definition);
    return migration;
}

} // namespace sluice
