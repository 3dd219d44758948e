// Alembic: what `alembic upgrade head --sql` prints, in sections that begin with
// "-- Running upgrade a -> b"; what `alembic downgrade head:base --sql` prints has the way back, in
// "-- Running downgrade b -> a".
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

struct AlembicSection {
    bool is_upgrade = true;
    std::vector<std::string> from;
    std::vector<std::string> to;
};

std::vector<std::string> revisions(std::string_view text)
{
    std::vector<std::string> names;
    while (!(text = trim(text)).empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        names.emplace_back(trim(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return names;
}

std::optional<AlembicSection> section_from(std::string_view line)
{
    constexpr std::string_view up = "-- Running upgrade ";
    constexpr std::string_view down = "-- Running downgrade ";
    const bool is_upgrade = line.starts_with(up);
    if (!is_upgrade && !line.starts_with(down)) {
        return std::nullopt;
    }
    const std::string_view rest = line.substr(is_upgrade ? up.size() : down.size());
    const std::size_t arrow = rest.find("->");
    if (arrow == std::string_view::npos) {
        return std::nullopt;
    }
    return AlembicSection{is_upgrade, revisions(rest.substr(0, arrow)),
                          revisions(rest.substr(arrow + 2))};
}

/// A line of the log, which went into the file with the SQL.
bool is_logged(std::string_view line)
{
    return line.find("  [alembic") != std::string_view::npos &&
           (line.starts_with("INFO") || line.starts_with("WARN") || line.starts_with("DEBUG"));
}

class AlembicReader {
public:
    explicit AlembicReader(const ImportSource& source) : source_(source)
    {
        folder_.history_table = "alembic_version";
    }

    ForeignFolder read()
    {
        for (const ImportFile& file : source_.files) {
            if (file.name().ends_with(".sql")) {
                read_file(file);
            }
        }
        for (const auto& [revision, part] : downs_) {
            add_down(revision, part);
        }
        return std::move(folder_);
    }

private:
    void read_file(const ImportFile& file)
    {
        const std::string shown = source_.display(file);
        ForeignPart before{shown, 1, {}, false};
        std::vector<ForeignPart>* parts = nullptr;
        for (const ScriptLine& line : lines_of_script(file.text)) {
            if (const auto section = section_from(line.text)) {
                const bool is_first = parts == nullptr;
                parts = open(*section, shown, line.number);
                if (is_first) { // what env.py put before all sections
                    parts->insert(parts->begin(), before);
                }
            } else {
                // An empty line in its place keeps the lines' numbers.
                const std::string_view text = is_logged(line.text) ? "" : line.text;
                (parts == nullptr ? before : parts->back()).text += std::string(text) + "\n";
            }
        }
    }

    std::vector<ForeignPart>* open(const AlembicSection& section, const std::string& shown,
                                   int line)
    {
        const auto& names = section.is_upgrade ? section.to : section.from;
        const std::string revision = names.empty() ? std::string() : names.front();
        const ForeignPart part{shown, line + 1, {}, false};
        if (!section.is_upgrade) {
            downs_.push_back({revision, {part}});
            return &downs_.back().second;
        }
        const ForeignMigration* twin = find(revision);
        ForeignMigration migration{.name = revision,
                                   .identity = revision,
                                   .parents = section.from,
                                   .source = {shown, line, 1},
                                   .up = {part},
                                   .is_usable = twin == nullptr && !revision.empty()};
        if (!migration.is_usable) {
            folder_.findings.push_back(problem_at(
                shown, line, fmt::format("the revision \"{}\" stands in two places", revision),
                "Give one file with each revision once: `alembic upgrade head --sql`."));
        }
        folder_.migrations.push_back(std::move(migration));
        return &folder_.migrations.back().up;
    }

    ForeignMigration* find(const std::string& revision)
    {
        const auto found =
            std::find_if(folder_.migrations.begin(), folder_.migrations.end(),
                         [&](const ForeignMigration& one) { return one.identity == revision; });
        return found == folder_.migrations.end() ? nullptr : &*found;
    }

    void add_down(const std::string& revision, const std::vector<ForeignPart>& parts)
    {
        ForeignMigration* migration = find(revision);
        if (migration == nullptr) {
            folder_.findings.push_back(warning_at(
                parts.front().file, parts.front().line - 1,
                fmt::format("goes back from \"{}\", and no section goes there", revision),
                "It is left out."));
            return;
        }
        migration->down = parts;
    }

    const ImportSource& source_;
    ForeignFolder folder_;
    std::vector<std::pair<std::string, std::vector<ForeignPart>>> downs_;
};

} // namespace

ForeignFolder read_alembic(const ImportSource& source)
{
    return AlembicReader(source).read();
}

} // namespace sluice
