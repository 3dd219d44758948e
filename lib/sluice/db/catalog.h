#pragma once
// The schema as it was found in the database, read in a handful of queries, never changed in place.

#include "sluice/db/enum_type.h"
#include "sluice/db/table.h"
#include "sluice/db/version_schema.h"

#include <string>
#include <vector>

namespace sluice {

class Session;

struct Catalog {
    std::vector<Table> tables;   ///< sorted by name; sluice's own state tables are left out. Views
                                 ///< are among them, with their columns where the engine tells
    std::vector<EnumType> enums; ///< PostgreSQL: sorted by name
    std::vector<std::string> search_path; ///< PostgreSQL: where a name without schema is looked for
    bool folds_case = false;              ///< names of tables are found whatever their case
    /// MySQL: the connection's own database, whose tables are named without it here.
    std::string own_schema;
    std::vector<std::string> schemas; ///< that are there, whoever made them
    /// Of one of these schemas, those that can be chosen, the oldest first. Their views are not
    /// among the tables, nor are those that were put aside.
    std::vector<VersionSchema> versions;
    std::vector<Right> rights; ///< MySQL: on its own database, as far as the user may see them

    /// An empty schema in `name` means the connection's own (PostgreSQL: the first match along the
    /// search path).
    [[nodiscard]] const Table* find(const TableName& name) const;
};

/// Reads every table that the connection's user can see in its own database (PostgreSQL: all
/// schemas but the system's; temporary tables nowhere).
[[nodiscard]] Catalog read_catalog(Session& session);
/// Only these, and nothing of schemas; a missing one is left out.
[[nodiscard]] Catalog read_catalog(Session& session, const std::vector<TableName>& tables);

} // namespace sluice
