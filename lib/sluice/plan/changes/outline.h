#pragma once
// What one declared change becomes, stage by stage, before an engine renders it. The planner walks
// the stages of all changes together, so that what can fail comes before what shows, over the whole
// migration. Private to plan/.

#include "sluice/db/dialect.h"
#include "sluice/migration/change.h"
#include "sluice/plan/draft.h"

#include <string>
#include <vector>

namespace sluice {

/// What a change is about: no other may be about these columns.
struct Subject {
    TableName table;
    std::vector<std::string> columns;
    std::string reads; ///< the SQL that the file gives for it, over other columns
};

struct Outline {
    std::vector<Group> expand;
    std::vector<Action> expand_undo; ///< actions that only have an undo, run before expand's own
    std::vector<Action> backfills;
    std::vector<Group> indexes;
    std::vector<Action> verifications;
    std::vector<Group> validations; ///< what contract may fail at, before anything shows
    std::vector<Action> validated;  ///< held against the rows once the validations stand
    std::vector<Group> contract;
    std::vector<Action> contract_undo; ///< actions that only have an undo, run before contract's
    std::vector<Group> purge;
    std::vector<std::string> notes;
    TableName table;
    std::vector<std::string> columns; ///< what the change is about: no other may be about these
    std::string reads;                ///< the SQL that the file gives for it, over other columns
    /// Tables that it makes, renames or drops: no other change may be about these at all.
    std::vector<TableName> whole_tables;
    Location location;
    std::vector<Subject> elsewhere; ///< in other tables than `table`
};

/// Where a change is made.
struct Site {
    const Table& table;
    const Catalog& catalog;
    const Dialect& dialect;
    const Location& location;
    std::string sync_name;              ///< for the change's triggers
    const std::vector<Change>& changes; ///< of the whole migration
};

/// Where a change is made that begins without a table.
struct Ground {
    const Catalog& catalog;
    const Dialect& dialect;
    const Location& location;
    const std::vector<Change>& changes; ///< of the whole migration
};

// A file a kind. Each throws Error{definition} where the change does not fit the table, and
// Error{refused} where it cannot be done.
[[nodiscard]] Outline outline(const AddColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const RenameColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const ChangeColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const DropColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const SetNotNullChange& change, const Site& site);
[[nodiscard]] Outline outline(const DropNotNullChange& change, const Site& site);
[[nodiscard]] Outline outline(const AddIndexChange& change, const Site& site);
[[nodiscard]] Outline outline(const DropIndexChange& change, const Site& site);
[[nodiscard]] Outline outline(const AddCheckChange& change, const Site& site);
[[nodiscard]] Outline outline(const AddForeignKeyChange& change, const Site& site);
[[nodiscard]] Outline outline(const AddUniqueChange& change, const Site& site);
[[nodiscard]] Outline outline(const DropConstraintChange& change, const Site& site);
[[nodiscard]] Outline outline(const RenameConstraintChange& change, const Site& site);
[[nodiscard]] Outline outline(const PurgeRowsChange& change, const Site& site);
[[nodiscard]] Outline outline(const CreateTableChange& change, const Ground& ground);
[[nodiscard]] Outline outline(const DropTableChange& change, const Site& site);
[[nodiscard]] Outline outline(const RenameTableChange& change, const Site& site);
[[nodiscard]] Outline outline(const CopyTableChange& change, const Site& site);
[[nodiscard]] Outline outline(const ChangePrimaryKeyChange& change, const Site& site);
[[nodiscard]] Outline outline(const SplitColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const MergeColumnsChange& change, const Site& site);
[[nodiscard]] Outline outline(const SplitTableChange& change, const Site& site);
[[nodiscard]] Outline outline(const MergeTablesChange& change, const Site& site);
[[nodiscard]] Outline outline(const MoveColumnChange& change, const Site& site);
[[nodiscard]] Outline outline(const ChangeEnumChange& change, const Site& site);

/// Does the kind begin without its table?
template <class Kind>
concept MakesTable = requires(const Kind& kind, const Ground& ground)
{
    outline(kind, ground);
};

} // namespace sluice
