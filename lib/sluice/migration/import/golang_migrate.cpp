// golang-migrate: VERSION_name.up.sql and VERSION_name.down.sql.
#include "sluice/migration/folder.h"
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

struct MigrateName {
    std::string version;
    std::string name;
    bool is_up = false;
    bool is_sql = false;
};

std::optional<MigrateName> name_from(const std::string& file)
{
    const std::string_view digits = leading_digits(file);
    if (digits.empty() || file.size() == digits.size() || file[digits.size()] != '_') {
        return std::nullopt;
    }
    for (const std::string_view way : {".up.", ".down."}) {
        const std::size_t at = file.rfind(way);
        if (at != std::string::npos && at > digits.size()) {
            return MigrateName{std::string(digits),
                               file.substr(digits.size() + 1, at - digits.size() - 1),
                               way == ".up.", file.substr(at + way.size()) == "sql"};
        }
    }
    return std::nullopt;
}

ForeignMigration& migration_of(ForeignFolder& folder, const MigrateName& name,
                               const std::string& shown)
{
    for (ForeignMigration& migration : folder.migrations) {
        if (compare_versions(migration.number, name.version) == 0) {
            return migration;
        }
    }
    folder.migrations.push_back({.number = name.version,
                                 .name = name.name,
                                 .identity = name.version,
                                 .source = {shown, 1, 1}});
    return folder.migrations.back();
}

void add_file(const ImportFile& file, const MigrateName& name, const std::string& shown,
              ForeignFolder& folder)
{
    ForeignMigration& migration = migration_of(folder, name, shown);
    auto& parts = name.is_up ? migration.up : migration.down;
    if (!name.is_sql || !parts.empty()) {
        migration.is_usable = false;
        folder.findings.push_back(
            problem_at(shown, 1,
                       name.is_sql ? fmt::format("has the same version as {}", parts.front().file)
                                   : "is not SQL",
                       name.is_sql ? "Give one of them another version."
                                   : "Name it .sql where it is, else write a migration by hand."));
        return;
    }
    if (name.is_up) {
        migration.name = name.name;
        migration.source.file = shown;
    }
    parts.push_back({shown, 1, file.text, false});
}

} // namespace

ForeignFolder read_golang_migrate(const ImportSource& source)
{
    ForeignFolder folder;
    for (const ImportFile& file : source.files) {
        const std::optional<MigrateName> name = name_from(file.name());
        if (file.is_at_top() && name) {
            add_file(file, *name, source.display(file), folder);
        } else if (file.is_at_top() && file.name().ends_with(".sql")) {
            folder.findings.push_back(
                note_at(source.display(file), 0,
                        "is left out: golang-migrate, too, takes VERSION_name.up.sql and "
                        "VERSION_name.down.sql alone"));
        }
    }
    for (ForeignMigration& migration : folder.migrations) {
        if (migration.up.empty() && migration.is_usable) {
            migration.is_usable = false;
            folder.findings.push_back(problem_at(migration.source.file, 1,
                                                 "goes down, and there is no file that goes up",
                                                 "Add it, or remove this one."));
        }
    }
    std::stable_sort(folder.migrations.begin(), folder.migrations.end(),
                     [](const ForeignMigration& a, const ForeignMigration& b) {
                         return compare_versions(a.number, b.number) < 0;
                     });
    return folder;
}

} // namespace sluice
