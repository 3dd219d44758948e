#pragma once
// The statements that make a key of an index, and those about the sequence that numbers it. Private
// to db/postgresql/.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

/// Makes a constraint of a unique index that is there.
[[nodiscard]] std::vector<std::string> attach_unique(const PostgresqlDialect& dialect,
                                                     const TableName& table, const Index& index);

/// From the primary key there is to a unique index that is there.
[[nodiscard]] std::vector<std::string> attach_primary_key(const PostgresqlDialect& dialect,
                                                          const TableName& table, const Index& key,
                                                          const std::string& index);

/// An identity column has a sequence of its own, which no other can be given: a new one goes on
/// where it ends, with its rights.
[[nodiscard]] std::vector<std::string> move_sequence(const PostgresqlDialect& dialect,
                                                     const MoveSequence& move);

} // namespace sluice::postgresql
