#pragma once
// Migrations of another tool as migration files: each statement a written-out [[expand]] step, the
// statements of the way back as their `undo`. Pure: files in, files out. What cannot be carried
// over is a finding that names file and line; a migration with a problem is not carried over in
// part.

#include "sluice/migration/import/source.h"
#include "sluice/migration/migration.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class ImportTool { dbmate, golang_migrate, goose, flyway, sqitch, alembic };
[[nodiscard]] std::string_view name_of(ImportTool tool); ///< "golang-migrate"
/// Throws Error{usage} with the nearest.
[[nodiscard]] ImportTool import_tool_from(std::string_view name);
[[nodiscard]] const std::vector<std::string>& import_tools();

/// By what only this tool's files have. Throws Error{usage} where none or several fit.
[[nodiscard]] ImportTool recognise_tool(const ImportSource& source);

enum class ImportWeight {
    note,    ///< is as it should be, and good to know
    warning, ///< carried over, but not with all that the tool did
    problem, ///< the migration cannot be carried over
};
[[nodiscard]] std::string_view name_of(ImportWeight weight);

struct ImportFinding {
    ImportWeight weight = ImportWeight::note;
    Location location;
    std::string what;
    std::string remedy; ///< may be empty
};

struct ImportedMigration {
    std::string version; ///< of sluice
    std::string name;
    std::string identity;             ///< what the tool's own table calls it
    std::vector<std::string> parents; ///< Alembic: the identities that it follows
    Location source;
    bool is_repeatable = false; ///< Flyway: run again by it whenever the file changed
    bool is_whole = true;       ///< false: a problem keeps it from being carried over
    std::string text;           ///< the file

    [[nodiscard]] std::string file_name() const { return version + "_" + name + ".toml"; }
};

struct ImportedFolder {
    ImportTool tool = ImportTool::dbmate;
    std::vector<ImportedMigration> migrations; ///< in the order of the tool, and of their versions
    std::vector<ImportFinding> findings;

    [[nodiscard]] bool has(ImportWeight weight) const;
};

/// Throws Error{usage} where the folder holds no migration of that tool.
[[nodiscard]] ImportedFolder import_folder(const ImportSource& source, ImportTool tool,
                                           Engine engine);

} // namespace sluice
