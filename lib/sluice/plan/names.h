#pragma once
// The names that sluice keeps for itself. A name too long for the engine is cut and ends in a short
// hash of the whole, so that two long names stay two. Private to plan/.

#include "sluice/db/dialect.h"

#include <string>

namespace sluice {

/// The new column beside the old one, while both have to go by another name.
[[nodiscard]] std::string twin_name(const std::string& column, const Dialect& dialect);
/// The old column from contract until purge.
[[nodiscard]] std::string kept_name(const std::string& column, const Dialect& dialect);
/// An index of the twin until contract.
[[nodiscard]] std::string twin_index_name(const std::string& index, const Dialect& dialect);
/// An index of the kept column from contract until purge.
[[nodiscard]] std::string kept_index_name(const std::string& index, const Dialect& dialect);

/// The old table from contract until purge.
[[nodiscard]] TableName kept_table(const TableName& table, const Dialect& dialect);

/// In which the application of a migration finds the tables of a schema.
[[nodiscard]] std::string version_schema(const std::string& schema, const std::string& version,
                                         const Dialect& dialect);

[[nodiscard]] bool is_reserved(const std::string& name);

} // namespace sluice
