#pragma once
// The enumerated types of PostgreSQL's catalog, and what uses them. Private to db/.

#include "sluice/db/enum_type.h"
#include "sluice/db/session.h"

#include <vector>

namespace sluice::postgresql {

[[nodiscard]] std::vector<EnumType> read_enums(Session& session);

} // namespace sluice::postgresql
