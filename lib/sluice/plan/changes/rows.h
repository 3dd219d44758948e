#pragma once
// What every kind of change says about rows: the key to walk by, the conversion of a value, the
// backfill of a column, the verification of a table. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// The first key by which the table can be walked. Throws Error{refused} where it has none.
[[nodiscard]] std::vector<Column> walking_key(const Site& site);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Column>& columns);

/// A conversion as the file declares it; refuses what is not deterministic. `ok` is its domain.
[[nodiscard]] std::optional<Conversion> declared(const Site& site,
                                                 const std::optional<EngineText>& sql,
                                                 const std::optional<EngineText>& ok,
                                                 const std::string& name);

/// The columns of the table that a sync needs to know: those named, the key's, and those that the
/// SQL mentions.
[[nodiscard]] std::vector<Column> sync_row(const Site& site, const std::vector<Column>& own,
                                           const std::vector<Column>& key, const std::string& sql);

/// The indexes that the column is part of, or whose expressions mention it.
[[nodiscard]] std::vector<Index> indexes_of(const Table& table, const std::string& column,
                                            const Dialect& dialect);

/// Sets columns to values wherever `needs_work`.
[[nodiscard]] Action backfill_of(const Site& site, const std::vector<Column>& key,
                                 const std::vector<std::pair<std::string, std::string>>& set,
                                 const std::string& needs_work);
[[nodiscard]] Action backfill_of(const Site& site, const std::vector<Column>& key,
                                 const std::string& column, const std::string& value,
                                 const std::string& needs_work);

[[nodiscard]] Action verification_of(const Site& site, const std::vector<Column>& key,
                                     const std::string& expect, const std::string& about);

} // namespace sluice
