#pragma once
// The way back: the recorded undo of each action, last first. Private to run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

#include <vector>

namespace sluice {

/// Throws Error{refused} where one of the actions has changed what nothing brings back.
void refuse_irreversible(Workplace& workplace, const MigrationRecord& migration,
                         const std::vector<ActionRecord>& actions);

/// What only the way back needs stands after what it is the way back of: whoever died in between
/// has not come to it, and it is needed all the same.
void come_to_the_way_back(Workplace& workplace, const MigrationRecord& migration,
                          std::vector<ActionRecord>& actions);

/// Takes back whatever of `actions` is in effect, last first.
void undo_actions(Workplace& workplace, const MigrationRecord& migration,
                  std::vector<ActionRecord>& actions);

/// Was an earlier try ended while it had the table's triggers off?
[[nodiscard]] bool was_left_unguarded(const ActionRecord& record);

} // namespace sluice
