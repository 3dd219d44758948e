#pragma once
// How MySQL and MariaDB take a foreign key while the table is written: without looking at the rows
// that are there, which are verified after it. A CHECK cannot be added in this way: the table would
// be copied with writers shut out.

#include "sluice/db/alteration.h"
#include "sluice/db/mysql/dialect.h"

#include <string>
#include <vector>

namespace sluice::mysql {

/// Throws Error{refused} for a CHECK.
[[nodiscard]] std::vector<Step> add_constraint(const MysqlDialect& dialect, const TableName& table,
                                               const Constraint& constraint);
/// Throws Error{refused} for a CHECK, since it could not come back.
[[nodiscard]] std::vector<Step> drop_constraint(const MysqlDialect& dialect, const TableName& table,
                                                const Constraint& constraint);
[[nodiscard]] std::vector<Step> rename_constraint(const MysqlDialect& dialect,
                                                  const TableName& table,
                                                  const Constraint& constraint,
                                                  const std::string& to);

/// Adding it is an action of its own, with the way back.
[[nodiscard]] Rendered added(const MysqlDialect& dialect, const Table& table,
                             const Constraint& constraint);
/// An action without steps forward, by which undo brings back what was dropped.
[[nodiscard]] Rendered restored(const MysqlDialect& dialect, const Table& table,
                                const Constraint& constraint);

/// For several: an action after theirs, so that no row is found when some are back already.
[[nodiscard]] Rendered require_all(const MysqlDialect& dialect, const Table& table,
                                   const std::vector<Constraint>& constraints);

} // namespace sluice::mysql
