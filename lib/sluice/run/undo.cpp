#include "sluice/run/undo.h"

#include "sluice/core/error.h"
#include "sluice/run/execute.h"
#include "sluice/run/resume.h"
#include "sluice/state/runs.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool was_begun(const ActionRecord& record)
{
    switch (record.state) {
    case ActionState::planned:
    case ActionState::undone:
    case ActionState::failed:
        return false;
    case ActionState::intended:
    case ActionState::done:
    case ActionState::undoing:
        return true;
    }
    throw Error(ErrorKind::internal, "unknown action state");
}

/// A statement whose author can be the only one to know: begun, and found without effect.
bool had_no_effect(Workplace& workplace, const ActionRecord& record)
{
    const auto* work = std::get_if<SchemaWork>(&record.action.work);
    if (work == nullptr || record.state != ActionState::intended || !has_unguarded_step(*work)) {
        return false;
    }
    end_predecessor(workplace, record);
    return !took_effect(workplace, record);
}

/// A backfill that has not changed a row is no reason to stop.
bool has_changed_rows(Workplace& workplace, const MigrationRecord& migration, int ordinal)
{
    const auto run = Runs(workplace.session()).find(migration.version, ordinal);
    return run && run->rows_changed > 0;
}

bool is_in_the_way(Workplace& workplace, const MigrationRecord& migration,
                   const ActionRecord& record)
{
    if (!record.action.irreversible || !was_begun(record)) {
        return false;
    }
    if (std::holds_alternative<BackfillWork>(record.action.work)) {
        return has_changed_rows(workplace, migration, record.action.ordinal);
    }
    return !had_no_effect(workplace, record);
}

void mark_undone(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record)
{
    ActionRecord undone = record;
    undone.state = ActionState::undone;
    undone.error.clear();
    workplace.with_retries("recording the action", [&] {
        workplace.transact([&] { workplace.history().mark(migration.version, undone); });
    });
    record = undone;
}

} // namespace

bool was_left_unguarded(const ActionRecord& record)
{
    const auto* work = std::get_if<SchemaWork>(&record.action.work);
    const bool is_locked = (work != nullptr && work->mode == Mode::locked) ||
                           (record.action.undo && record.action.undo->mode == Mode::locked);
    return is_locked &&
           (record.state == ActionState::intended || record.state == ActionState::undoing);
}

void refuse_irreversible(Workplace& workplace, const MigrationRecord& migration,
                         const std::vector<ActionRecord>& actions)
{
    for (auto record = actions.rbegin(); record != actions.rend(); ++record) {
        if (is_in_the_way(workplace, migration, *record)) {
            throw Error(ErrorKind::refused,
                        fmt::format("migration \"{}\" cannot be taken back past action {}, {}: it "
                                    "has no undo",
                                    migration.version, record->action.ordinal,
                                    record->action.summary),
                        {.hint = "Nothing was changed. Go on with `sluice apply`, or write a new "
                                 "migration that repairs what this one did."});
        }
    }
}

void come_to_the_way_back(Workplace& workplace, const MigrationRecord& migration,
                          std::vector<ActionRecord>& actions)
{
    bool is_due = false;
    for (ActionRecord& record : actions) {
        const bool is_done = record.state == ActionState::done;
        if (!record.action.serves_way_back) {
            is_due = is_done;
        } else if (is_due && !is_done) {
            carry_out(workplace, migration, record, Direction::forward);
        }
    }
}

void undo_actions(Workplace& workplace, const MigrationRecord& migration,
                  std::vector<ActionRecord>& actions)
{
    for (auto record = actions.rbegin(); record != actions.rend(); ++record) {
        workplace.check_stop();
        if (!was_begun(*record)) {
            continue;
        }
        if (!record->action.undo || had_no_effect(workplace, *record)) {
            mark_undone(workplace, migration, *record);
            continue;
        }
        carry_out(workplace, migration, *record, Direction::undo);
    }
}

} // namespace sluice
