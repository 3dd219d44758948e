// Flyway: V1.1__name.sql forward, U1.1__name.sql back, R__name.sql again whenever it changed,
// B1__name.sql instead of everything before it, beforeMigrate.sql and the like round them.
#include "sluice/migration/import/flyway_name.h"
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace sluice {

namespace {

/// Reports each ${name} once a line.
void check_placeholders(const ForeignPart& part, ForeignMigration& migration, ForeignFolder& folder)
{
    for (const ScriptLine& line : lines_of_script(part.text)) {
        const std::size_t open = line.text.find("${");
        const std::size_t close = open == std::string_view::npos ? open : line.text.find('}', open);
        if (close == std::string_view::npos) {
            continue;
        }
        migration.is_usable = false;
        folder.findings.push_back(problem_at(
            part.file, line.number,
            fmt::format("has the placeholder \"{}\"", line.text.substr(open, close + 1 - open)),
            "Write its value in its place."));
    }
}

class FlywayReader {
public:
    explicit FlywayReader(const ImportSource& source) : source_(source) {}

    ForeignFolder read()
    {
        for (const ImportFile& file : source_.files) {
            if (const auto name = flyway_name(file.name())) {
                take(file, *name);
            } else {
                pass_over(file);
            }
        }
        for (const auto& [file, name] : undos_) {
            add_undo(*file, name);
        }
        sort();
        return std::move(folder_);
    }

private:
    void take(const ImportFile& file, const FlywayName& name)
    {
        switch (name.prefix) {
        case 'U':
            undos_.emplace_back(&file, name);
            return;
        case 'B':
            folder_.findings.push_back(warning_at(
                source_.display(file), 1,
                "is a baseline migration, which stands for all before it; it is left out",
                "Carried over are the V files; keep those that it replaces."));
            return;
        default:
            add_migration(file, name);
        }
    }

    void add_migration(const ImportFile& file, const FlywayName& name)
    {
        const std::string shown = source_.display(file);
        ForeignMigration migration{.number = name.version,
                                   .name = name.description,
                                   .identity = name.prefix == 'R' ? name.description : name.version,
                                   .source = {shown, 1, 1},
                                   .is_repeatable = name.prefix == 'R'};
        if (!name.is_sql) {
            migration.is_usable = false;
            folder_.findings.push_back(problem_at(shown, 1, "is a program, which sluice cannot run",
                                                  "Write what it does as a migration by hand."));
        } else {
            migration.up.push_back({shown, 1, file.text, false});
            check_placeholders(migration.up.front(), migration, folder_);
        }
        if (migration.is_repeatable) {
            folder_.findings.push_back(
                warning_at(shown, 1,
                           "is repeatable: Flyway runs it again whenever it changed, sluice runs "
                           "each migration once",
                           "It is carried over as it is now; put a later change of it into a "
                           "migration of its own."));
        }
        folder_.migrations.push_back(std::move(migration));
    }

    void add_undo(const ImportFile& file, const FlywayName& name)
    {
        const std::string shown = source_.display(file);
        const auto found =
            std::find_if(folder_.migrations.begin(), folder_.migrations.end(),
                         [&](const ForeignMigration& migration) {
                             return !migration.is_repeatable &&
                                    compare_flyway(migration.number, name.version) == 0;
                         });
        if (found == folder_.migrations.end()) {
            folder_.findings.push_back(
                warning_at(shown, 1, fmt::format("undoes {}, and no file makes it", name.version),
                           "It is left out."));
            return;
        }
        found->down.push_back({shown, 1, file.text, false});
        check_placeholders(found->down.back(), *found, folder_);
    }

    void pass_over(const ImportFile& file)
    {
        const std::string name = file.name();
        const std::string shown = source_.display(file);
        constexpr std::array<std::string_view, 4> callbacks{"before", "after", "createSchema",
                                                            "undo"};
        const bool is_callback =
            std::any_of(callbacks.begin(), callbacks.end(),
                        [&](std::string_view callback) { return name.starts_with(callback); });
        if (name.ends_with(".sql.conf")) {
            check_settings(file, shown);
        } else if (name.ends_with(".sql") && is_callback) {
            folder_.findings.push_back(
                warning_at(shown, 1, "is a callback, which sluice does not have; it is left out",
                           "Let what runs `sluice apply` run it, if it is still needed."));
        } else if (name.ends_with(".sql")) {
            folder_.findings.push_back(
                note_at(shown, 0, "is left out: Flyway, too, passes over a file with such a name"));
        }
    }

    /// Whether a transaction is opened round a file is sluice's own matter; the rest is not.
    void check_settings(const ImportFile& file, const std::string& shown)
    {
        for (const ScriptLine& line : lines_of_script(file.text)) {
            const std::string_view text = trim(line.text);
            if (!text.empty() && !text.starts_with("#") &&
                !text.starts_with("executeInTransaction")) {
                folder_.findings.push_back(
                    warning_at(shown, line.number, fmt::format("\"{}\" is not carried over", text),
                               "See what it means for its migration."));
            }
        }
    }

    void sort()
    {
        std::stable_sort(folder_.migrations.begin(), folder_.migrations.end(),
                         [](const ForeignMigration& a, const ForeignMigration& b) {
                             if (a.is_repeatable || b.is_repeatable) {
                                 return a.is_repeatable == b.is_repeatable ? a.name < b.name
                                                                           : b.is_repeatable;
                             }
                             return compare_flyway(a.number, b.number) < 0;
                         });
    }

    const ImportSource& source_;
    ForeignFolder folder_;
    std::vector<std::pair<const ImportFile*, FlywayName>> undos_;
};

} // namespace

ForeignFolder read_flyway(const ImportSource& source)
{
    return FlywayReader(source).read();
}

} // namespace sluice
