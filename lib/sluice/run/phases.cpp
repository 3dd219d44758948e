#include "sluice/run/phases.h"

#include "sluice/core/error.h"
#include "sluice/run/baseline.h"
#include "sluice/run/drift.h"
#include "sluice/run/execute.h"
#include "sluice/run/rows.h"
#include "sluice/run/undo.h"
#include "sluice/run/versions.h"
#include "sluice/state/runs.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

/// Far enough already?
bool is_past(State state, State reached)
{
    return static_cast<int>(state) >= static_cast<int>(reached);
}

std::vector<ActionRecord> of_phase(const std::vector<ActionRecord>& actions, Phase phase)
{
    std::vector<ActionRecord> chosen;
    std::copy_if(actions.begin(), actions.end(), std::back_inserter(chosen),
                 [phase](const ActionRecord& record) { return record.action.phase == phase; });
    return chosen;
}

bool is_done(const ActionRecord& record)
{
    return record.state == ActionState::done;
}

bool all_done(const std::vector<ActionRecord>& actions)
{
    return std::all_of(actions.begin(), actions.end(), is_done);
}

void run_schema_action(Workplace& workplace, const MigrationRecord& record, ActionRecord& action)
{
    // What an earlier try left half-way is as sluice left it, and not as it was recorded.
    if (action.state != ActionState::intended && action.state != ActionState::undoing) {
        refuse_drift(workplace, record.version, action.action.tables);
    }
    carry_out(workplace, record, action, Direction::forward);
}

bool is_verification(const ActionRecord& action)
{
    return std::holds_alternative<VerifyWork>(action.action.work);
}

/// Of a phase in which no rows are changed.
void run_schema_actions(Workplace& workplace, const MigrationRecord& record,
                        std::vector<ActionRecord>& actions)
{
    for (ActionRecord& action : actions) {
        if (is_done(action)) {
            continue;
        }
        workplace.check_stop();
        if (is_verification(action)) {
            require_verified(workplace, record, action);
        } else {
            run_schema_action(workplace, record, action);
        }
    }
}

void run_expand_actions(Workplace& workplace, const MigrationRecord& record,
                        const std::vector<ActionRecord>& actions)
{
    std::vector<ActionRecord> expand = of_phase(actions, Phase::expand);
    run_schema_actions(workplace, record, expand);
}

/// The states after `from`, up to `to`.
std::vector<State> path(State from, State to)
{
    std::vector<State> states;
    for (const State state : {State::expanded, State::migrating, State::migrated}) {
        if (is_past(state, from) && state != from && is_past(to, state)) {
            states.push_back(state);
        }
    }
    return states;
}

RunEnd run_rows(Workplace& workplace, const Migration& migration, const MigrationRecord& record,
                std::vector<ActionRecord>& actions)
{
    for (ActionRecord& action : actions) {
        if (is_done(action)) {
            continue;
        }
        workplace.check_stop();
        if (std::holds_alternative<SchemaWork>(action.action.work)) {
            run_schema_action(workplace, record, action);
        } else if (is_verification(action)) {
            require_verified(workplace, record, action);
        } else if (const RunEnd end = backfill_action(workplace, migration, record, action);
                   end != RunEnd::done) {
            return end;
        }
    }
    return RunEnd::done;
}

/// Rows that are not known to be in step can only be brought there in the shape from before
/// contract.
RunEnd finish_rows(Workplace& workplace, const Migration& migration, const MigrationRecord& record)
{
    std::vector<ActionRecord> actions = workplace.history().actions(record.version);
    if (std::any_of(actions.begin(), actions.end(), was_left_unguarded)) {
        workplace.tell(Note{"an earlier run ended while a table had no triggers: its rows are "
                            "brought back in step first"});
        reopen_rows(workplace, record, actions);
    }
    std::vector<ActionRecord> rows = of_phase(actions, Phase::migrate);
    if (all_done(rows)) {
        return RunEnd::done;
    }
    std::vector<ActionRecord> contract = of_phase(actions, Phase::contract);
    refuse_irreversible(workplace, record, contract);
    undo_actions(workplace, record, contract);
    return run_rows(workplace, migration, record, rows);
}

void pass_gate(Workplace& workplace, const Migration& migration, const MigrationRecord& record)
{
    const GateReport report = check_gate(workplace.session(), migration);
    if (report.is_open()) {
        return;
    }
    std::string closed;
    std::string next;
    for (const GateCondition& condition : report.conditions) {
        if (!condition.holds) {
            closed += fmt::format("{}{}: {}", closed.empty() ? "" : "; ", condition.name,
                                  condition.evidence);
            next = next.empty() ? condition.next : next;
        }
    }
    throw Error(ErrorKind::refused,
                fmt::format("the gate of migration \"{}\" is closed: {}", record.version, closed),
                {.hint = next});
}

void restore(Workplace& workplace, const Migration& migration, MigrationRecord& record)
{
    std::vector<ActionRecord> actions = workplace.history().actions(record.version);
    const bool has_purged =
        std::any_of(actions.begin(), actions.end(), [](const ActionRecord& action) {
            return action.action.phase == Phase::purge && action.state != ActionState::planned;
        });
    if (has_purged) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" is being purged: what contract kept is gone",
                                record.version),
                    {.hint = fmt::format("Finish with `sluice purge {}`.", record.version)});
    }
    std::vector<ActionRecord> contract = of_phase(actions, Phase::contract);
    if (record.state != State::restoring) {
        refuse_under_later_versions(workplace, record);
        refuse_irreversible(workplace, record, contract);
        come_to_the_way_back(workplace, record, contract);
        workplace.transition(record, {State::restoring});
    }
    if (std::any_of(contract.begin(), contract.end(), was_left_unguarded)) {
        reopen_rows(workplace, record, actions);
    }
    undo_actions(workplace, record, contract);
    std::vector<ActionRecord> rows = of_phase(actions, Phase::migrate);
    const bool were_in_step = std::all_of(rows.begin(), rows.end(), is_done);
    workplace.transition(record, {State::migrated},
                         [&] { reopen_verifications(workplace, record, rows); });
    if (!were_in_step && run_rows(workplace, migration, record, rows) != RunEnd::done) {
        throw Error(ErrorKind::interrupted, "the rows are not all in step yet");
    }
}

void take_back(Workplace& workplace, MigrationRecord& record)
{
    std::vector<ActionRecord> actions = workplace.history().actions(record.version);
    if (record.state != State::rolling_back) {
        refuse_under_later_versions(workplace, record);
        refuse_irreversible(workplace, record, actions);
        come_to_the_way_back(workplace, record, actions);
        workplace.transition(record, {State::rolling_back});
    }
    undo_actions(workplace, record, actions);
    workplace.transition(record, {State::pending},
                         [&] { Runs(workplace.session()).remove(record.version); });
}

} // namespace

void refuse_going_back(const MigrationRecord& record)
{
    if (record.state == State::rolling_back || record.state == State::restoring) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" is on its way back", record.version),
                    {.hint = fmt::format("Finish with `sluice rollback {}`; then apply again.",
                                         record.version)});
    }
}

void expand_phase(Workplace& workplace, MigrationRecord& record)
{
    if (record.state == State::expanding) {
        run_expand_actions(workplace, record, workplace.history().actions(record.version));
        workplace.transition(record, {State::expanded});
    }
}

RunEnd migrate_phase(Workplace& workplace, const Migration& migration, MigrationRecord& record)
{
    if (is_past(record.state, State::migrated)) {
        return RunEnd::done;
    }
    const std::vector<ActionRecord> actions = workplace.history().actions(record.version);
    if (record.state == State::expanding) {
        run_expand_actions(workplace, record, actions);
    }
    std::vector<ActionRecord> rows = of_phase(actions, Phase::migrate);
    if (!all_done(rows)) {
        workplace.transition(record, path(record.state, State::migrating));
        if (const RunEnd end = run_rows(workplace, migration, record, rows); end != RunEnd::done) {
            return end;
        }
    }
    workplace.transition(record, path(record.state, State::migrated));
    return RunEnd::done;
}

RunEnd contract_phase(Workplace& workplace, const Migration& migration, MigrationRecord& record)
{
    refuse_going_back(record);
    if (is_past(record.state, State::contracted)) {
        return RunEnd::done;
    }
    if (is_past(record.state, State::migrated)) {
        if (const RunEnd end = finish_rows(workplace, migration, record); end != RunEnd::done) {
            return end;
        }
    }
    if (record.state != State::contracting) {
        if (workplace.surroundings().options.accept_drift) {
            refuse_drift(workplace, record.version,
                         tables_of(workplace.history().actions(record.version)));
        }
        pass_gate(workplace, migration, record);
        workplace.transition(record, {State::contracting});
    }
    std::vector<ActionRecord> actions =
        of_phase(workplace.history().actions(record.version), Phase::contract);
    run_schema_actions(workplace, record, actions);
    workplace.transition(record, {State::contracted});
    return RunEnd::done;
}

RunEnd purge_phase(Workplace& workplace, MigrationRecord& record)
{
    refuse_going_back(record);
    if (record.state == State::purged) {
        return RunEnd::done;
    }
    if (record.state != State::contracted) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" is {}, and only a contracted one can be purged",
                                record.version, name_of(record.state)),
                    {.hint = fmt::format("`sluice contract {}` comes first.", record.version)});
    }
    std::vector<ActionRecord> actions =
        of_phase(workplace.history().actions(record.version), Phase::purge);
    run_schema_actions(workplace, record, actions);
    workplace.transition(record, {State::purged});
    return RunEnd::done;
}

RunEnd go_back(Workplace& workplace, const Migration& migration, MigrationRecord& record)
{
    switch (record.state) {
    case State::contracting:
    case State::contracted:
    case State::restoring:
        restore(workplace, migration, record);
        return RunEnd::done;
    case State::expanding:
    case State::expanded:
    case State::migrating:
    case State::migrated:
    case State::rolling_back:
        take_back(workplace, record);
        return RunEnd::done;
    case State::pending:
        return RunEnd::done;
    case State::baselined:
        refuse_baselined(record);
        return RunEnd::done;
    case State::purged:
        throw Error(
            ErrorKind::refused,
            fmt::format("migration \"{}\" is purged: what contract kept is gone", record.version),
            {.hint = "Write a new migration that changes the schema back."});
    }
    throw Error(ErrorKind::internal, "unknown state");
}

std::vector<VerifyReport> verify_again(Workplace& workplace, const MigrationRecord& record)
{
    if (record.state != State::migrating && record.state != State::migrated) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" is {}: there is nothing to verify",
                                record.version, name_of(record.state)),
                    {.hint = fmt::format("A migration is verified from `sluice migrate {}` on, "
                                         "until it is contracted.",
                                         record.version)});
    }
    std::vector<VerifyReport> reports;
    for (ActionRecord& action : workplace.history().actions(record.version)) {
        if (is_verification(action) && action.action.phase == Phase::migrate) {
            reports.push_back(verify_action(workplace, record, action));
        }
    }
    return reports;
}

} // namespace sluice
