#pragma once
// The SQL of a CHECK and of a foreign key, as far as the engines agree on it.

#include "sluice/db/alteration.h"
#include "sluice/db/dialect.h"

#include <string>

namespace sluice {

/// What follows CONSTRAINT name: "CHECK (…)", "FOREIGN KEY (…) REFERENCES …".
[[nodiscard]] std::string body_of(const Dialect& dialect, const Constraint& constraint);

/// Of a CREATE TABLE: ", CONSTRAINT name FOREIGN KEY …" for each of the table's.
[[nodiscard]] std::string foreign_keys_of(const Dialect& dialect, const Table& table);

/// Boolean SQL over a row of the table, never NULL: does the row keep to the constraint?
[[nodiscard]] std::string keeps_to(const Dialect& dialect, const TableName& table,
                                   const Constraint& constraint);

/// The table and, for a foreign key, the one that it refers to.
[[nodiscard]] std::vector<TableName> tables_of(const TableName& table,
                                               const Constraint& constraint);
/// The table and those that the foreign keys of its group refer to.
[[nodiscard]] std::vector<TableName> tables_of(const TableName& table,
                                               const std::vector<Alteration>& group);

} // namespace sluice
