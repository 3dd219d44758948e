#include "sluice/plan/draft.h"

#include "sluice/core/error.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

Action action_of(Phase phase, Rendered rendered, const Group& group)
{
    if (rendered.is_main && !group.summary.empty()) {
        rendered.summary = group.summary;
    }
    Action action{.phase = phase,
                  .summary = std::move(rendered.summary),
                  .reason = rendered.reason.empty() ? group.reason : std::move(rendered.reason),
                  .lock = std::move(rendered.lock),
                  .work = SchemaWork{rendered.mode, std::move(rendered.steps)},
                  .undo = {},
                  .irreversible = false,
                  .tables = std::move(rendered.tables)};
    if (phase == Phase::purge) {
        action.irreversible = true;
    } else if (!rendered.undo.empty()) {
        action.undo = SchemaWork{rendered.undo_mode, std::move(rendered.undo)};
    }
    return action;
}

} // namespace

void Draft::add(Phase phase, const Group& group)
{
    const auto table =
        std::find_if(catalog_.tables.begin(), catalog_.tables.end(),
                     [&](const Table& candidate) { return candidate.name == group.table; });
    if (table == catalog_.tables.end()) {
        throw Error(ErrorKind::internal,
                    fmt::format("the plan alters table \"{}\", which it does not know",
                                display(group.table)));
    }
    for (Rendered& rendered : dialect_.render(group.alterations, *table)) {
        add(action_of(phase, std::move(rendered), group));
    }
    *table = altered(std::move(*table), group.alterations);
}

void Draft::add(Action action)
{
    action.ordinal = static_cast<int>(plan_.actions.size()) + 1;
    for (const TableName& table : action.tables) {
        if (std::find(plan_.tables.begin(), plan_.tables.end(), table) == plan_.tables.end()) {
            plan_.tables.push_back(table);
        }
    }
    plan_.actions.push_back(std::move(action));
}

void Draft::note(std::string sentence)
{
    if (std::find(plan_.notes.begin(), plan_.notes.end(), sentence) == plan_.notes.end()) {
        plan_.notes.push_back(std::move(sentence));
    }
}

Plan Draft::take()
{
    return std::exchange(plan_, Plan{});
}

} // namespace sluice
