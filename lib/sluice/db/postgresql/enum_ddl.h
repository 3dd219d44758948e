#pragma once
// Types of enumerated values. Private to db/.

#include "sluice/db/postgresql/dialect.h"

#include <string>
#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<std::string>
create_enum(const PostgresqlDialect& dialect, const EnumType& type, const TableName& rights_of);
[[nodiscard]] std::vector<std::string> drop_enum(const PostgresqlDialect& dialect,
                                                 const EnumType& type);
[[nodiscard]] std::vector<std::string> rename_enum(const PostgresqlDialect& dialect,
                                                   const EnumType& from, const EnumType& to);

} // namespace sluice::postgresql
