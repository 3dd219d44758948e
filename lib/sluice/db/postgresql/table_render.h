#pragma once
// Groups that are about whole tables (table_alteration.h), on PostgreSQL.

#include "sluice/db/alteration.h"
#include "sluice/db/postgresql/dialect.h"

#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<Rendered> render_tables(const PostgresqlDialect& dialect,
                                                  const std::vector<Alteration>& group);

} // namespace sluice::postgresql
