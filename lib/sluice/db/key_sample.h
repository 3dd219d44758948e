#pragma once
// Where a table may be cut into parts of about as many rows without reading much of it: a sample of
// its pages on PostgreSQL, points spread evenly between two whole numbers elsewhere. Both give
// guesses. That what is cut is a row of the table, and where it stands, only the server says.

#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <optional>
#include <vector>

namespace sluice {

/// A query that gives up to `parts - 1` keys (as key_text) not beyond `last`, ascending, about as
/// many rows apart; no row where the sample is too small to tell. nullopt: this engine cannot
/// sample a table.
[[nodiscard]] std::optional<Statement> key_sample(const Dialect& dialect, const TableName& table,
                                                  const std::vector<Column>& key,
                                                  const KeyValues& last, int parts);

/// `parts - 1` values that lie evenly between two of a column of whole numbers, ascending. Empty
/// for another column, and where there are fewer whole numbers between the two.
[[nodiscard]] std::vector<KeyValues> spread_keys(const std::vector<Column>& key,
                                                 const KeyValues& first, const KeyValues& last,
                                                 int parts);

} // namespace sluice
