#pragma once
// The triggers of a link sync.

#include "sluice/db/link_sync.h"
#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string> create_link_sync(const PostgresqlDialect& dialect,
                                                        const LinkSync& sync);
[[nodiscard]] std::vector<std::string> drop_link_sync(const PostgresqlDialect& dialect,
                                                      const LinkSync& sync);

} // namespace sluice::postgresql
