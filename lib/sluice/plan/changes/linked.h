#pragma once
// Columns that another table's take the place of, whose rows a link joins to their own: what must
// not hang on them, how they are filled, and what must be true of each row. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

/// The columns that are to move, by the names that the table has for them. Throws Error{refused}
/// for one that something depends on, or whose default is not one value.
[[nodiscard]] std::vector<std::string> movable(const Site& site,
                                               const std::vector<std::string>& asked);
/// Rows that come or go, or get another link, without a trigger.
void refuse_cascades(const Site& site, const Table& table, const std::vector<std::string>& link);
void refuse_other_schema(const Site& site, const TableName& other);

/// What lets the new application insert rows without the columns, from expand on: their default is
/// then what a row says that says nothing.
[[nodiscard]] std::vector<Alteration> relaxing(const Site& site,
                                               const std::vector<std::string>& columns);

[[nodiscard]] Table relaxed_table(const Site& site, const std::vector<std::string>& columns);

/// The names that the old columns have from contract until purge, which must be free; and all that
/// the change is about.
void refuse_kept_names(const Site& site, const std::vector<std::string>& columns);
[[nodiscard]] std::vector<std::string> with_kept_names(std::vector<std::string> columns,
                                                       const Dialect& dialect);

/// The column as another table has it: without what belongs to its place.
[[nodiscard]] Column moved(const Column& column, const std::string& name);
/// The old one from contract until purge.
[[nodiscard]] Column kept(const Column& column, const Dialect& dialect);
/// The sync after contract, in which the old columns are kept.
[[nodiscard]] LinkSync with_kept_columns(LinkSync sync, const Dialect& dialect);

/// The columns of the table by their names.
[[nodiscard]] std::vector<Column> columns_of(const Table& table,
                                             const std::vector<std::string>& names);

/// Makes the rows of a new part from its whole's.
[[nodiscard]] Action fill_of_part(const LinkSync& sync, const Dialect& dialect);
/// Fills the new columns of a table that is there, which is `table` as it will be.
[[nodiscard]] Action fill_of_columns(const LinkSync& sync, const Site& site, const Table& table);

/// Each row of the table whose rows may do without the other's is in step with its row there, or
/// has none and says nothing; and no row of a part is without its whole.
[[nodiscard]] std::vector<Action> verifications_of(const LinkSync& sync, const Dialect& dialect);

/// The old columns go by other names from here on, which are filled until purge.
[[nodiscard]] Group put_aside(const LinkSync& sync, const Site& site);
/// One by one: an index over two of them goes with the first.
[[nodiscard]] std::vector<Group> purge_of(const LinkSync& sync, const Site& site);

/// What is said of an old column, and of what hangs on it.
[[nodiscard]] std::vector<std::string> notes_of(const LinkSync& sync, const Site& site);

} // namespace sluice
