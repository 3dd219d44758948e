#pragma once
// What each tool's files say, before it is made into migrations. Private to migration/import/.

#include "sluice/migration/import/import.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Text of a script, and where it stands.
struct ForeignPart {
    std::string file;
    int line = 1;
    std::string text;
    bool is_one_statement = false; ///< said so: not to be cut
};

struct ForeignMigration {
    std::string number; ///< digits, parts of them apart by "." or "_"; empty: by its place
    std::string name;
    std::string identity;
    std::vector<std::string> parents;
    Location source;
    std::vector<ForeignPart> up;
    std::vector<ForeignPart> down;
    bool is_repeatable = false;
    bool is_usable = true;
};

struct ForeignFolder {
    std::vector<ForeignMigration> migrations; ///< in the order of the tool
    std::vector<ImportFinding> findings;
    std::string history_table;  ///< its own statements on this table are left out
    bool has_variables = false; ///< psql's :name stands for something
};

[[nodiscard]] ForeignFolder read_dbmate(const ImportSource& source);
[[nodiscard]] ForeignFolder read_golang_migrate(const ImportSource& source);
[[nodiscard]] ForeignFolder read_goose(const ImportSource& source);
[[nodiscard]] ForeignFolder read_flyway(const ImportSource& source);
[[nodiscard]] ForeignFolder read_sqitch(const ImportSource& source);
[[nodiscard]] ForeignFolder read_alembic(const ImportSource& source);

[[nodiscard]] ImportFinding problem_at(std::string file, int line, std::string what,
                                       std::string remedy);
[[nodiscard]] ImportFinding warning_at(std::string file, int line, std::string what,
                                       std::string remedy);
[[nodiscard]] ImportFinding note_at(std::string file, int line, std::string what);

struct ScriptLine {
    int number = 0;
    std::string_view text;
};

[[nodiscard]] std::vector<ScriptLine> lines_of_script(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string lowered(std::string_view text);
/// The digits with which it begins.
[[nodiscard]] std::string_view leading_digits(std::string_view text);
/// Without the ending, if it has it.
[[nodiscard]] std::string_view without_ending(std::string_view text, std::string_view ending);

} // namespace sluice
