#pragma once
// What a baseline and an import did, or would do, for people and as one line of JSON.

#include "sluice/migration/import/import.h"
#include "sluice/run/runner.h"
#include "sluice/state/foreign_history.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class Adoption { preview, done };

/// The line that ends a baseline; where it is a preview, a line a migration before it.
[[nodiscard]] std::string baseline_text(const std::vector<BaselineMark>& marks, Adoption kind);
[[nodiscard]] std::string baseline_json(const std::vector<BaselineMark>& marks, Adoption kind);

enum class WrittenFile { written, there_already, left_out };

struct ImportResult {
    const ImportedFolder* folder = nullptr;
    std::string to;                  ///< the folder of the migration files
    std::vector<WrittenFile> files;  ///< one for each migration
    std::string history;             ///< the tool's own table; empty: not found, or not looked for
    std::vector<std::string> marked; ///< versions that it says are applied
};

[[nodiscard]] std::string import_text(const ImportResult& result, Adoption kind);
[[nodiscard]] std::string import_json(const ImportResult& result, Adoption kind);
[[nodiscard]] std::string from_sql_json(const std::string& path,
                                        const std::vector<std::string>& understood);
/// "db/2_b.sql:7: problem: has the placeholder …"
[[nodiscard]] std::string findings_text(const std::vector<ImportFinding>& findings);

} // namespace sluice
