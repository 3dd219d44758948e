#pragma once
// The alterations that are about a whole table, or about a second name for it. They stand in groups
// of their own: a group that makes, renames or drops a table alters nothing else in it.

#include "sluice/db/table.h"
#include "sluice/db/table_sync.h"

#include <string>
#include <vector>

namespace sluice {

/// With its columns, primary key and indexes.
struct CreateTable {
    Table definition;
    /// Whoever may read and write this table may do the same with the new one. Its name is empty
    /// where only the maker of the new one may.
    TableName rights_of;
};

struct DropTable {
    Table definition; ///< as it was
    // Its rows do not come back: a group that drops a table has no undo.
};

/// Within its schema. Foreign keys, triggers, rights and indexes go with it.
struct RenameTable {
    TableName table;
    TableName to;
};

/// A second name for a table, by which it is read and written as by its own: a view of all columns.
struct Alias {
    TableName name;
    TableName table;
    std::vector<std::string> columns;
};

struct CreateAlias {
    Alias alias;
};

struct DropAlias {
    Alias alias;
};

struct CreateTableSync {
    TableSync sync;
};

/// Where the sync was the last that the old table is kept for, the new one takes over what they
/// shared.
struct DropTableSync {
    TableSync sync;
};

/// The triggers of `from` become those of `to` (same name) together with the rest of the group,
/// which may rename a table.
struct ReplaceTableSync {
    TableSync from;
    TableSync to;
};

} // namespace sluice
