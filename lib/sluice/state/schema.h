#pragma once
// sluice's own tables in the user's database, created and upgraded by sluice itself. The layout has
// a version: an older binary refuses a newer layout, a newer one upgrades an older, and progress is
// never dropped.

#include "sluice/db/alteration.h"
#include "sluice/db/session.h"

#include <optional>
#include <vector>

namespace sluice {

inline constexpr int state_layout = 2;

/// The layout found in the database; nullopt where sluice has never worked. Changes nothing.
[[nodiscard]] std::optional<int> find_state(Session& session);

/// Throws Error{refused} where the tables come from a newer sluice. Returns as find_state.
std::optional<int> check_state(Session& session);

/// Creates or upgrades the tables. Safe to run from two processes at once, and again after a crash
/// in the middle. Throws Error{refused} for a newer layout. Not inside a transaction.
void ensure_state(Session& session);

/// What takes the layout `from` to `from + 1`. A step runs unless its `done` query says that it has
/// taken effect, because not every engine can take a half-finished upgrade back.
struct StateUpgrade {
    int from = 0;
    std::vector<Step> steps;
};

/// Runs those of `upgrades` (one a layout, ascending) that the database still needs.
void upgrade_state(Session& session, const std::vector<StateUpgrade>& upgrades);

} // namespace sluice
