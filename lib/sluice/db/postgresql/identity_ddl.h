#pragma once
// A column that numbers itself: by a sequence of its own that its default asks, or as an identity.
// Private to db/.

#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string> set_identity(const PostgresqlDialect& dialect,
                                                    const SetIdentity& set);
[[nodiscard]] std::vector<std::string> keep_numbers(const PostgresqlDialect& dialect,
                                                    const KeepNumbers& keep);
[[nodiscard]] std::vector<std::string> forget_numbers(const PostgresqlDialect& dialect,
                                                      const TableName& kept);

/// Whoever has rights in the variable `rights` is given them on the sequence: a piece of PL/pgSQL
/// that needs a record `right_`.
[[nodiscard]] std::string give_rights(const std::string& sequence_literal);

} // namespace sluice::postgresql
