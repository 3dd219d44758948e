#include "sluice/plan/rendered_action.h"

#include <utility>

namespace sluice {

Action action_of(Phase phase, Rendered rendered, const std::string& reason)
{
    Action action{.phase = phase,
                  .summary = std::move(rendered.summary),
                  .reason = rendered.reason.empty() ? reason : std::move(rendered.reason),
                  .lock = std::move(rendered.lock),
                  .work = SchemaWork{rendered.mode, std::move(rendered.steps)},
                  .undo = {},
                  .irreversible = false,
                  .tables = std::move(rendered.tables),
                  .serves_way_back = rendered.serves_way_back};
    if (phase == Phase::purge) {
        action.irreversible = true;
    } else if (!rendered.undo.empty()) {
        action.undo = SchemaWork{rendered.undo_mode, std::move(rendered.undo)};
    }
    return action;
}

} // namespace sluice
