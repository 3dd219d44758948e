#pragma once
// A change as it stands in a migration file. Private to migration/from_sql/.

#include "sluice/migration/change.h"

#include <string>

namespace sluice {

/// [[change]] with all keys that are not as they would be anyway.
[[nodiscard]] std::string change_toml(const ChangeKind& change);

} // namespace sluice
