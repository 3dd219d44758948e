#pragma once
// Every table that a migration touches, as sluice left it: written after each action, together with
// it where the engine can. What is found otherwise later was changed by somebody else, whichever
// migration looks. A table that sluice left dropped is remembered as missing.

#include "sluice/db/catalog.h"
#include "sluice/db/session.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct FoundTable {
    TableName name;
    std::optional<Table> table; ///< nullopt: there was no such table
    std::string version;        ///< of the migration that touched it last
};

/// Those of `tables` that were recorded before.
[[nodiscard]] std::vector<FoundTable> found_tables(Session& session,
                                                   const std::vector<TableName>& tables);

/// Records each of `tables` as it is in `catalog`, or as missing. Within the caller's transaction
/// where one is open.
void record_found(Session& session, std::string_view version, const std::vector<TableName>& tables,
                  const Catalog& catalog);

} // namespace sluice
