#pragma once
// The statements that make, change and remove a sync on PostgreSQL: one BEFORE row trigger, which
// by its name fires after the user's own, and one PL/pgSQL function in schema sluice. The function
// names nothing that is not in pg_catalog but what the user's expressions name.

#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string> create_sync(const PostgresqlDialect& dialect,
                                                   const Sync& sync);
[[nodiscard]] std::vector<std::string> drop_sync(const PostgresqlDialect& dialect,
                                                 const Sync& sync);
/// Within one transaction; the trigger stays where the events are the same.
[[nodiscard]] std::vector<std::string> replace_sync(const PostgresqlDialect& dialect,
                                                    const Sync& from, const Sync& to);

} // namespace sluice::postgresql
