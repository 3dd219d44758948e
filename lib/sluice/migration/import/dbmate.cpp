// dbmate: VERSION_name.sql with a block below "-- migrate:up" and one below "-- migrate:down".
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

namespace sluice {

namespace {

/// What follows "-- migrate:up" in a line that says so: its options.
std::optional<std::string_view> directive(std::string_view line, std::string_view name)
{
    if (!line.starts_with("--")) {
        return std::nullopt;
    }
    const std::string_view rest = trim(line.substr(2));
    if (!rest.starts_with(name)) {
        return std::nullopt;
    }
    const std::string_view options = rest.substr(name.size());
    return options.empty() || options.front() == ' ' || options.front() == '\t'
               ? std::optional(trim(options))
               : std::nullopt;
}

/// "transaction:false env:SCHEMA": variables are put into the text when it is run.
void check_options(std::string_view options, const std::string& file, int line,
                   ForeignMigration& migration, ForeignFolder& folder)
{
    while (!options.empty()) {
        const std::size_t end = std::min(options.find_first_of(" \t"), options.size());
        const std::string_view option = options.substr(0, end);
        if (option.starts_with("env:")) {
            migration.is_usable = false;
            folder.findings.push_back(
                problem_at(file, line,
                           fmt::format("takes the environment variable \"{}\" into its text",
                                       option.substr(4)),
                           "Write its value in place of {{ … }}, and take the option away."));
        }
        options = trim(options.substr(end));
    }
}

void read_blocks(const ImportFile& file, const std::string& shown, ForeignMigration& migration,
                 ForeignFolder& folder)
{
    ForeignPart* part = nullptr;
    bool has_up = false;
    for (const ScriptLine& line : lines_of_script(file.text)) {
        const auto up = directive(line.text, "migrate:up");
        const auto down = directive(line.text, "migrate:down");
        if (up || down) {
            has_up = has_up || up;
            auto& parts = up ? migration.up : migration.down;
            parts.push_back({shown, line.number + 1, {}, false});
            part = &parts.back();
            check_options(up ? *up : *down, shown, line.number, migration, folder);
        } else if (part != nullptr) {
            part->text += std::string(line.text) + "\n";
        } else if (!trim(line.text).empty() && !trim(line.text).starts_with("--")) {
            migration.is_usable = false;
            folder.findings.push_back(problem_at(shown, line.number,
                                                 "a statement before \"-- migrate:up\"",
                                                 "Move it below that line."));
        }
    }
    if (!has_up) {
        migration.is_usable = false;
        folder.findings.push_back(problem_at(shown, 1, "has no line \"-- migrate:up\"",
                                             "Add it above the statements of the way forward."));
    }
}

} // namespace

ForeignFolder read_dbmate(const ImportSource& source)
{
    ForeignFolder folder;
    for (const ImportFile& file : source.files) {
        const std::string name = file.name();
        if (!file.is_at_top() || !name.ends_with(".sql")) {
            continue;
        }
        const std::string shown = source.display(file);
        const std::string_view digits = leading_digits(name);
        if (digits.empty()) {
            folder.findings.push_back(note_at(shown, 0,
                                              "is left out: dbmate, too, passes over a "
                                              "file whose name has no version"));
            continue;
        }
        std::string_view rest = without_ending(name, ".sql");
        rest.remove_prefix(digits.size());
        ForeignMigration migration{.number = std::string(digits),
                                   .name = std::string(rest),
                                   .identity = std::string(digits),
                                   .source = {shown, 1, 1}};
        read_blocks(file, shown, migration, folder);
        folder.migrations.push_back(std::move(migration));
    }
    return folder;
}

} // namespace sluice
