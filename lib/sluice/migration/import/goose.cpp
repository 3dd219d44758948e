// goose: VERSION_name.sql with annotations: -- +goose Up, Down, StatementBegin, StatementEnd,
// NO TRANSACTION, ENVSUB ON, ENVSUB OFF.
#include "sluice/migration/folder.h"
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

/// "up" for "-- +goose Up"; nothing for any other line.
std::string annotation(std::string_view line)
{
    if (!line.starts_with("--")) {
        return {};
    }
    const std::string text = lowered(trim(line.substr(2)));
    constexpr std::string_view mark = "+goose ";
    return text.starts_with(mark) ? std::string(trim(text.substr(mark.size()))) : std::string();
}

/// $NAME or ${NAME…}: the name.
std::string variable_in(std::string_view line)
{
    for (std::size_t at = line.find('$'); at != std::string_view::npos; at = line.find('$', at)) {
        ++at;
        if (at < line.size() && line[at] == '{') {
            ++at;
        }
        std::size_t end = at;
        while (end < line.size() &&
               (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_')) {
            ++end;
        }
        if (end > at && std::isdigit(static_cast<unsigned char>(line[at])) == 0) {
            return std::string(line.substr(at, end - at));
        }
    }
    return {};
}

class GooseReader {
public:
    GooseReader(std::string file, ForeignMigration& migration, ForeignFolder& folder)
        : file_(std::move(file)), migration_(migration), folder_(folder)
    {
    }

    void read(std::string_view text)
    {
        for (const ScriptLine& line : lines_of_script(text)) {
            const std::string said = annotation(line.text);
            if (said.empty()) {
                add(line);
            } else {
                obey(said, line.number);
            }
        }
        if (is_block_) {
            fail(open_line_, "\"-- +goose StatementBegin\" has no StatementEnd");
        }
        if (parts_ == nullptr) {
            fail(1, "has no line \"-- +goose Up\"");
        }
    }

private:
    void fail(int line, std::string what)
    {
        migration_.is_usable = false;
        folder_.findings.push_back(
            problem_at(file_, line, std::move(what), "goose refuses such a file: correct it."));
    }

    void obey(const std::string& said, int line)
    {
        if (said == "up" || said == "down") {
            parts_ = said == "up" ? &migration_.up : &migration_.down;
            begin(line, false);
        } else if (said == "statementbegin" || said == "statementend") {
            const bool is_begin = said == "statementbegin";
            if (parts_ == nullptr || is_begin == is_block_) {
                fail(line, fmt::format("\"-- +goose {}\" out of place",
                                       is_begin ? "StatementBegin" : "StatementEnd"));
                return;
            }
            begin(line, is_begin);
        } else if (said == "envsub on" || said == "envsubst on") {
            substitutes_ = true;
        } else if (said == "envsub off" || said == "envsubst off") {
            substitutes_ = false;
        } else if (said != "no transaction") {
            fail(line, fmt::format("\"-- +goose {}\" is not known", said));
        }
    }

    void begin(int line, bool is_block)
    {
        is_block_ = is_block;
        open_line_ = line;
        parts_->push_back({file_, line + 1, {}, is_block});
    }

    void add(const ScriptLine& line)
    {
        if (parts_ == nullptr) {
            if (!trim(line.text).empty() && !trim(line.text).starts_with("--")) {
                fail(line.number, "a statement before \"-- +goose Up\"");
            }
            return;
        }
        parts_->back().text += std::string(line.text) + "\n";
        const std::string variable = substitutes_ ? variable_in(line.text) : std::string();
        if (!variable.empty()) {
            migration_.is_usable = false;
            folder_.findings.push_back(problem_at(
                file_, line.number,
                fmt::format("takes the environment variable \"{}\" into its text", variable),
                "Write its value in its place."));
        }
    }

    std::string file_;
    ForeignMigration& migration_;
    ForeignFolder& folder_;
    std::vector<ForeignPart>* parts_ = nullptr;
    bool is_block_ = false;
    bool substitutes_ = false;
    int open_line_ = 0;
};

void add_program(const std::string& shown, std::string_view digits, ForeignFolder& folder)
{
    folder.findings.push_back(problem_at(shown, 1, "is a program in Go, which sluice cannot run",
                                         "Write what it does as a migration by hand."));
    folder.migrations.push_back({.number = std::string(digits),
                                 .identity = std::string(digits),
                                 .source = {shown, 1, 1},
                                 .is_usable = false});
}

} // namespace

ForeignFolder read_goose(const ImportSource& source)
{
    ForeignFolder folder;
    for (const ImportFile& file : source.files) {
        const std::string name = file.name();
        const std::string_view digits = leading_digits(name);
        const bool has_version = !digits.empty() && digits.size() < name.size() &&
                                 name[digits.size()] == '_' && file.is_at_top();
        const std::string shown = source.display(file);
        if (has_version && name.ends_with(".go") && !name.ends_with("_test.go")) {
            add_program(shown, digits, folder);
        } else if (has_version && name.ends_with(".sql")) {
            std::string_view rest = without_ending(name, ".sql");
            rest.remove_prefix(digits.size());
            ForeignMigration migration{.number = std::string(digits),
                                       .name = std::string(rest),
                                       .identity = std::string(digits),
                                       .source = {shown, 1, 1}};
            GooseReader(shown, migration, folder).read(file.text);
            folder.migrations.push_back(std::move(migration));
        } else if (file.is_at_top() && name.ends_with(".sql")) {
            folder.findings.push_back(note_at(
                shown, 0, "is left out: goose, too, passes over a file whose name has no version"));
        }
    }
    std::stable_sort(folder.migrations.begin(), folder.migrations.end(),
                     [](const ForeignMigration& a, const ForeignMigration& b) {
                         return compare_versions(a.number, b.number) < 0;
                     });
    return folder;
}

} // namespace sluice
