#pragma once
// Walking a table in key order. A position is the key of a row, each column as text exactly as the
// server gave it, encoded as a JSON array of strings; only the database ever compares two
// positions.

#include "sluice/db/catalog.h"
#include "sluice/db/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// ["2200"]. Throws Error{refused} for text that is not UTF-8: it could not be written down.
[[nodiscard]] std::string encode_key(const KeyValues& values);
[[nodiscard]] KeyValues decode_key(std::string_view text); ///< "" gives {}

/// The key columns as text, each under a name of its own: what a query selects to learn a position.
[[nodiscard]] std::string select_key(const Dialect& dialect, const std::vector<Column>& key);

/// "a", "b": what a query that walks the table is ordered by.
[[nodiscard]] std::string order_by_key(const Dialect& dialect, const TableName& table,
                                       const std::vector<Column>& key);

/// SELECT of the key columns (as key_text) of the row `rows` after `after`, not beyond `upper`
/// (empty: to the table's end): the end of the next batch. No row: fewer are left.
[[nodiscard]] Statement boundary_query(const Dialect& dialect, const TableName& table,
                                       const std::vector<Column>& key, const KeyValues& after,
                                       const KeyValues& upper, std::int64_t rows);

/// SELECT of the last key in the table; no row: the table is empty.
[[nodiscard]] Statement last_key_query(const Dialect& dialect, const TableName& table,
                                       const std::vector<Column>& key);

/// The key in the first row of a result that began with select_key(); nullopt where there is none.
[[nodiscard]] std::optional<KeyValues> read_key(const Rows& rows, const std::vector<Column>& key);

/// Appends "key > after AND key <= upper", leaving out the half whose bound is empty; "1 = 1" where
/// both are.
void append_range(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                  const KeyValues& after, const KeyValues& upper);

/// Explains the boundary query on the server; throws Error{refused} with the plan when it would not
/// walk the key's index, or when a column cannot be part of a position.
void check_boundary_plan(Session& session, const Table& table, const std::vector<Column>& key);

} // namespace sluice
