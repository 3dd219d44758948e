#pragma once
// Which statement of the way back undoes which statement of the way forward. Rollback runs the
// undo of the last step first: put together in that order they are the script as it was written,
// whatever the pairing. A good pairing also makes sense where only the first steps were done.
// Private to migration/import/.

#include "sluice/db/script.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct PairedStep {
    std::optional<ScriptStatement> forward; ///< nullopt: only there for its undo
    std::optional<ScriptStatement> back;    ///< nullopt: taken back by the undo of another step
};

/// Every statement of both, each once, in the order of `up`. Steps that are only there for their
/// undo come first.
[[nodiscard]] std::vector<PairedStep> pair_undo(const std::vector<ScriptStatement>& up,
                                                const std::vector<ScriptStatement>& down,
                                                Engine engine);

} // namespace sluice
