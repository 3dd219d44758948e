#pragma once
// sluice's own tables in the user's database, created and upgraded by sluice itself. The layout has
// a version: an older binary refuses a newer layout, a newer one upgrades an older, and progress is
// never dropped.

#include "sluice/db/session.h"

#include <optional>

namespace sluice {

inline constexpr int state_layout = 1;

/// The layout found in the database; nullopt where sluice has never worked. Changes nothing.
[[nodiscard]] std::optional<int> find_state(Session& session);

/// Creates or upgrades the tables. Safe to run from two processes at once. Throws Error{refused}
/// for a newer layout.
void ensure_state(Session& session);

} // namespace sluice
