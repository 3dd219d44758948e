#pragma once
// Columns under other names: in a piece of SQL, and at another point of a group of alterations that
// renames them.

#include "sluice/db/alteration.h"
#include "sluice/db/dialect.h"

#include <cstddef>
#include <string>
#include <vector>

namespace sluice {

/// The SQL with each mention of the column `from` naming the column `to` instead.
[[nodiscard]] std::string renamed(const std::string& sql, const std::string& from,
                                  const std::string& to, const Dialect& dialect);
[[nodiscard]] Constraint with_column_renamed(Constraint constraint, const std::string& from,
                                             const std::string& to, const Dialect& dialect);
[[nodiscard]] Index with_column_renamed(Index index, const std::string& from, const std::string& to,
                                        const Dialect& dialect);

/// What a column that is called `name` when alteration number `at` runs was called when the group
/// began, and what it will be called when it has ended.
[[nodiscard]] std::string name_at_start(const std::vector<Alteration>& group, std::size_t at,
                                        std::string name);
[[nodiscard]] std::string name_at_end(const std::vector<Alteration>& group, std::size_t at,
                                      std::string name);

/// The index, or the constraint, with its columns called as at the start, or at the end.
[[nodiscard]] Index index_at_start(const std::vector<Alteration>& group, std::size_t at,
                                   Index index);
[[nodiscard]] Index index_at_end(const std::vector<Alteration>& group, std::size_t at, Index index);
[[nodiscard]] Constraint constraint_at_start(const std::vector<Alteration>& group, std::size_t at,
                                             Constraint constraint, const Dialect& dialect);
[[nodiscard]] Constraint constraint_at_end(const std::vector<Alteration>& group, std::size_t at,
                                           Constraint constraint, const Dialect& dialect);

} // namespace sluice
