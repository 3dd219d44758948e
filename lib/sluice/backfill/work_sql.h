#pragma once
// What a batch does to its rows, as the pieces of one statement round the range of keys:
//   before + " WHERE " + range + after
// Private to backfill/.

#include "sluice/db/dialect.h"
#include "sluice/plan/action.h"

#include <string>

namespace sluice {

struct WorkSql {
    std::string before; ///< UPDATE … SET …, DELETE FROM …, INSERT … SELECT … FROM …
    std::string after;  ///< AND (still needs work) …
};

[[nodiscard]] WorkSql work_sql(const Dialect& dialect, const BackfillWork& work);

/// Whether the expression of one column may read another that the same UPDATE changes. A column
/// that is set to itself, so that the server does not touch it, changes nothing.
[[nodiscard]] bool assigns_several_columns(const BackfillWork& work);

/// " AND (still needs work)", in a form that no index on the columns it names can serve: a batch is
/// always entered by its key. Empty where every row is meant.
[[nodiscard]] std::string and_needs_work(const BackfillWork& work);

} // namespace sluice
