#pragma once
// What a migration file may declare: a kind of change and its parameters, as written, not yet held
// against a database. A [[change]] of kind K is read into the struct whose `kind` is K. Its
// `each_key` names the keys and where their values are kept, in the order in which they are read
// and hashed: a new key comes last.

#include "sluice/migration/column_changes.h"
#include "sluice/migration/constraint_changes.h"
#include "sluice/migration/engine_text.h"
#include "sluice/migration/enum_changes.h"
#include "sluice/migration/index_changes.h"
#include "sluice/migration/key_changes.h"
#include "sluice/migration/link_changes.h"
#include "sluice/migration/row_changes.h"
#include "sluice/migration/shape_changes.h"
#include "sluice/migration/table_changes.h"

#include <string>
#include <variant>
#include <vector>

namespace sluice {

using ChangeKind =
    std::variant<AddColumnChange, RenameColumnChange, ChangeColumnChange, DropColumnChange,
                 SetNotNullChange, DropNotNullChange, AddIndexChange, DropIndexChange,
                 AddCheckChange, AddForeignKeyChange, AddUniqueChange, DropConstraintChange,
                 RenameConstraintChange, PurgeRowsChange, CreateTableChange, DropTableChange,
                 RenameTableChange, CopyTableChange, ChangePrimaryKeyChange, SplitColumnChange,
                 MergeColumnsChange, SplitTableChange, MergeTablesChange, MoveColumnChange,
                 ChangeEnumChange>;

struct Change {
    ChangeKind kind;
    Location location;
};

/// The names of the kinds, in the order in which help and templates list them.
[[nodiscard]] const std::vector<std::string>& change_kinds();
[[nodiscard]] std::string kind_name(const Change& change);
[[nodiscard]] const TableName& table_of(const Change& change);

} // namespace sluice
