#pragma once
// What another migration tool has recorded in this database of what it has applied.

#include "sluice/db/session.h"
#include "sluice/migration/import/import.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct ForeignRow {
    std::string identity; ///< as ImportedMigration::identity
    bool is_applied = true;
    bool is_broken = false; ///< dirty, or failed
    bool is_floor = false;  ///< all that sort before it are applied too
};

struct ForeignRecord {
    std::string table;            ///< where it was found: "goose_db_version"
    std::vector<ForeignRow> rows; ///< in the order in which they were written
};

/// nullopt where the tool has no table in this database. Changes nothing.
[[nodiscard]] std::optional<ForeignRecord> read_foreign_record(Session& session, ImportTool tool);

struct ForeignApplied {
    std::vector<const ImportedMigration*> applied; ///< in their order
    std::vector<std::string> unknown;              ///< applied, and none of the migrations
};

/// Which of the migrations the record says are applied. Throws Error{refused} where one is half
/// applied, with what to do.
[[nodiscard]] ForeignApplied match_foreign_record(const ForeignRecord& record,
                                                  const ImportedFolder& folder);

} // namespace sluice
