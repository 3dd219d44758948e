#pragma once
// After a crash in the middle of a statement that commits by itself: did it take effect? Private to
// run/.

#include "sluice/run/workplace.h"
#include "sluice/state/history.h"

#include <string>
#include <vector>

namespace sluice {

/// What the tables look like now, as a short text to be held against a later one.
[[nodiscard]] std::string fingerprints(Session& session, const std::vector<TableName>& tables);

/// Is the step in effect, by its own `done` query? False where it has none.
[[nodiscard]] bool is_in_effect(Session& session, const Step& step);

/// Waits out, or ends, whatever the session that began the action still does on the server.
void end_predecessor(Workplace& workplace, const ActionRecord& record);

/// For an action that was begun, and whose statement sluice did not make and cannot ask about: did
/// it take effect? Judged by the tables it touches. Throws Error{refused} where they cannot tell.
[[nodiscard]] bool took_effect(Workplace& workplace, const ActionRecord& record);

/// An index that the statement has left behind unfinished is no effect to go on from. Throws
/// Error{refused} that names it.
void refuse_half_built(Workplace& workplace, const ActionRecord& record);

/// A step that a person wrote, without a `done` query, and that is not harmless to repeat.
[[nodiscard]] bool has_unguarded_step(const SchemaWork& work);

} // namespace sluice
