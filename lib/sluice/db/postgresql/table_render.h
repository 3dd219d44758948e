#pragma once
// Groups that are about whole tables (table_alteration.h), on PostgreSQL.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <vector>

namespace sluice::postgresql {

/// `table` is the one that the group adds constraints to: they come with what shows, and hold what
/// is written from then on.
[[nodiscard]] std::vector<Rendered> render_tables(const PostgresqlDialect& dialect,
                                                  const std::vector<Alteration>& group,
                                                  const Table& table);

} // namespace sluice::postgresql
