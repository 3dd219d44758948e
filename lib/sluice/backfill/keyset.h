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

[[nodiscard]] std::string encode_key(const KeyValues& values); ///< ["2200"]
[[nodiscard]] KeyValues decode_key(std::string_view text);     ///< "" gives {}

/// SELECT of the key columns (as key_text) of the row `rows` after `after`, not beyond `upper`: the
/// end of the next batch. No row: fewer are left.
[[nodiscard]] Statement boundary_query(const Dialect& dialect, const TableName& table,
                                       const std::vector<Column>& key, const KeyValues& after,
                                       const KeyValues& upper, std::int64_t rows);

/// SELECT of the last key in the table; no row: the table is empty.
[[nodiscard]] Statement last_key_query(const Dialect& dialect, const TableName& table,
                                       const std::vector<Column>& key);

/// Appends "key > after AND key <= upper", leaving out the first half where `after` is empty.
void append_range(Sql& sql, const Dialect& dialect, const std::vector<Column>& key,
                  const KeyValues& after, const KeyValues& upper);

/// Explains the boundary query on the server; throws Error{refused} with the plan when it would not
/// walk the key's index.
void check_boundary_plan(Session& session, const Table& table, const std::vector<Column>& key);

} // namespace sluice
