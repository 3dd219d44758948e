#include "sluice/run/rows.h"

#include "sluice/backfill/backfill.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/runs.h"
#include "sluice/throttle/monitor.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace sluice {

namespace {

void mark(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record,
          const ActionRecord& to)
{
    workplace.with_retries("recording the action", [&] {
        workplace.transact([&] { workplace.history().mark(migration.version, to); });
    });
    record = to;
}

/// The file's own [pace] goes before the environment's.
Pace pace_of(const PaceSettings& file, const PaceSettings& environment, const DefaultPace& usual)
{
    const Pace otherwise{.batch_rows = usual.batch_rows,
                         .batch_max = usual.batch_max,
                         .batch_time = usual.batch_time,
                         .sleep = usual.sleep};
    const auto chosen = [&](auto setting, auto value) {
        return (file.*setting).value_or((environment.*setting).value_or(value));
    };
    Pace pace{.batch_rows = chosen(&PaceSettings::batch_rows, otherwise.batch_rows),
              .batch_max = chosen(&PaceSettings::batch_max, otherwise.batch_max),
              .batch_time = chosen(&PaceSettings::batch_time, otherwise.batch_time),
              .sleep = chosen(&PaceSettings::sleep, otherwise.sleep),
              .duty = chosen(&PaceSettings::duty, otherwise.duty),
              .workers = chosen(&PaceSettings::workers, otherwise.workers)};
    // Whoever asks for many rows means it, unless he says how many at most.
    const bool is_bounded =
        file.batch_max || (environment.batch_max && !file.batch_rows.has_value());
    if (!is_bounded) {
        pace.batch_max = std::max(pace.batch_max, pace.batch_rows);
    }
    pace.batch_rows = std::min(pace.batch_rows, pace.batch_max);
    return pace;
}

std::int64_t estimate(Session& session, const TableName& table)
{
    const Rows rows = session.query(session.dialect().estimate_rows(table));
    if (rows.empty() || !rows[0][0]) {
        return 0;
    }
    return std::stoll(*rows[0][0]);
}

std::int64_t create_run(Workplace& workplace, const Migration& migration,
                        const MigrationRecord& record, const ActionRecord& action)
{
    const auto& work = std::get<BackfillWork>(action.action.work);
    RunRecord run;
    run.version = record.version;
    run.ordinal = action.action.ordinal;
    run.hash = record.hash;
    run.table = work.table;
    for (const Column& column : work.key) {
        run.key.push_back(column.name);
    }
    run.pace = pace_of(migration.pace, workplace.surroundings().options.pace,
                       workplace.session().dialect().capabilities().pace);
    const Rules& rules = workplace.surroundings().options.throttle;
    check_rules(rules, workplace.session().dialect());
    run.throttle = to_json(rules);
    run.estimated_rows = estimate(workplace.session(), work.table);
    return Runs(workplace.session()).create(run);
}

void refuse_cancelled(const RunRecord& run, const std::string& version)
{
    if (run.desired == Desired::cancelled) {
        throw Error(ErrorKind::refused, fmt::format("run {} was cancelled", run.id),
                    {.hint = fmt::format("`sluice resume {}` takes it up where it was, `sluice "
                                         "rollback {}` goes back.",
                                         run.id, version)});
    }
}

/// The run of this action, made now if this is its first start; the action is under way.
std::int64_t begin_run(Workplace& workplace, const Migration& migration,
                       const MigrationRecord& record, ActionRecord& action)
{
    const auto found = Runs(workplace.session()).find(record.version, action.action.ordinal);
    if (found) {
        refuse_cancelled(*found, record.version);
    }
    ActionRecord begun = action;
    begun.state = ActionState::intended;
    begun.error.clear();
    ++begun.attempts;
    std::int64_t id = 0;
    workplace.with_retries("recording the run", [&] {
        workplace.transact([&] {
            id = found ? found->id : create_run(workplace, migration, record, action);
            workplace.history().mark(record.version, begun);
        });
    });
    action = begun;
    return id;
}

void finish_run(Workplace& workplace, const MigrationRecord& record, ActionRecord& action,
                std::int64_t id, Microseconds took)
{
    const RunRecord run = Runs(workplace.session()).find(id).value();
    ActionRecord done = action;
    done.state = ActionState::done;
    done.took_us = took.count();
    done.evidence = nlohmann::json{{"run", run.id},
                                   {"hash", run.hash},
                                   {"passes", run.pass},
                                   {"rows_scanned", run.rows_scanned},
                                   {"rows_changed", run.rows_changed},
                                   {"finished_at", run.finished_at}}
                        .dump();
    mark(workplace, record, action, done);
}

/// What is recorded of a failure must not hide the failure.
void record_failure(Workplace& workplace, const MigrationRecord& record, ActionRecord& action,
                    const Error& error)
{
    if (error.kind == ErrorKind::held || error.kind == ErrorKind::interrupted) {
        return;
    }
    ActionRecord failed = action;
    failed.error = error.message;
    try {
        workplace.refresh();
        mark(workplace, record, action, failed);
    } catch (const Error&) {
        action.error = error.message;
    }
}

void tell_started(Workplace& workplace, const MigrationRecord& record, const Action& action)
{
    workplace.tell(ActionStarted{record.version, action.ordinal, std::string(name_of(action.phase)),
                                 action.summary, action.lock, Direction::forward});
}

void tell_finished(Workplace& workplace, const MigrationRecord& record, const ActionRecord& action,
                   bool was_begun)
{
    workplace.tell(ActionFinished{record.version, action.action.ordinal,
                                  std::string(name_of(action.action.phase)), action.action.summary,
                                  Microseconds(action.took_us), was_begun, Direction::forward});
}

void tell_failed(Workplace& workplace, const MigrationRecord& record, const Action& action,
                 const std::string& error)
{
    workplace.tell(ActionFailed{record.version, action.ordinal, std::string(name_of(action.phase)),
                                action.summary, error, Direction::forward});
}

RunEnd run_to_end(Workplace& workplace, const MigrationRecord& record, ActionRecord& action,
                  std::int64_t id)
{
    const Surroundings& around = workplace.surroundings();
    const SteadyTime start = around.clock.steady_now();
    const BackfillEnd end = run_backfill(
        around.connect, around.clock, around.listener, around.stop, id,
        std::get<BackfillWork>(action.action.work),
        {.actor = around.options.actor, .trusted_commands = around.options.throttle.commands});
    workplace.refresh();
    switch (end) {
    case BackfillEnd::interrupted:
        return RunEnd::interrupted;
    case BackfillEnd::cancelled:
        return RunEnd::cancelled;
    case BackfillEnd::done:
        break;
    }
    const auto took = std::chrono::duration_cast<Microseconds>(around.clock.steady_now() - start);
    finish_run(workplace, record, action, id, took);
    tell_finished(workplace, record, action, false);
    return RunEnd::done;
}

std::string findings(const VerifyReport& report)
{
    return fmt::format("{} looked at, {} not as they should be: {}", counted(report.rows, "row"),
                       readable(report.failures), fmt::join(report.failed_keys, ", "));
}

/// Rows that the backfills of the migration could not change, by the key of the verification.
std::set<std::string> rows_set_aside(Session& session, const std::string& version,
                                     const VerifyWork& work)
{
    std::vector<std::string> key;
    for (const Column& column : work.key) {
        key.push_back(column.name);
    }
    std::set<std::string> rows;
    for (const RunRecord& run : Runs(session).all()) {
        if (run.version == version && run.table == work.table && run.key == key) {
            const std::vector<std::string> more = BadRows(session).set_aside(run.id);
            rows.insert(more.begin(), more.end());
        }
    }
    return rows;
}

/// Harmless to do again, and right whenever it is done.
bool is_sweep(const Action& action)
{
    const auto* work = std::get_if<BackfillWork>(&action.work);
    return work != nullptr && work->kind == BackfillKind::set && !work->once &&
           !work->needs_work.empty();
}

bool is_verification(const Action& action)
{
    return std::holds_alternative<VerifyWork>(action.work);
}

/// What the server said, with what it was said to, and the two ways on.
Error in_context(const MigrationRecord& record, const Action& action, const Error& error)
{
    if (error.kind != ErrorKind::sql) {
        return error;
    }
    Error::Details details = error.details;
    if (details.hint.empty() &&
        (details.cause == Cause::other || details.cause == Cause::constraint)) {
        details.hint = fmt::format("The checkpoint is kept: `sluice migrate {}` goes on from there "
                                   "once the rows allow it, `sluice rollback {}` goes back.",
                                   record.version, record.version);
    }
    return {error.kind,
            fmt::format("action {}, {}: {}", action.ordinal, action.summary, error.message),
            std::move(details)};
}

} // namespace

RunEnd backfill_action(Workplace& workplace, const Migration& migration,
                       const MigrationRecord& record, ActionRecord& action)
{
    const std::int64_t id = begin_run(workplace, migration, record, action);
    tell_started(workplace, record, action.action);
    try {
        return run_to_end(workplace, record, action, id);
    } catch (const Error& error) {
        record_failure(workplace, record, action, error);
        tell_failed(workplace, record, action.action, error.message);
        throw in_context(record, action.action, error);
    }
}

VerifyReport verify_action(Workplace& workplace, const MigrationRecord& record,
                           ActionRecord& action)
{
    const Surroundings& around = workplace.surroundings();
    tell_started(workplace, record, action.action);
    const SteadyTime start = around.clock.steady_now();
    Session own = around.connect({.purpose = "verify"});
    const auto& work = std::get<VerifyWork>(action.action.work);
    const VerifyReport report =
        verify(own, work, around.listener, around.stop, rows_set_aside(own, record.version, work));
    workplace.refresh();
    ActionRecord looked = action;
    looked.state = report.passed() ? ActionState::done : ActionState::failed;
    looked.error = report.passed() ? std::string() : findings(report);
    ++looked.attempts;
    looked.took_us =
        std::chrono::duration_cast<Microseconds>(around.clock.steady_now() - start).count();
    looked.evidence = nlohmann::json{{"hash", record.hash},
                                     {"rows", report.rows},
                                     {"failures", report.failures},
                                     {"failed_keys", report.failed_keys},
                                     {"set_aside", report.set_aside}}
                          .dump();
    mark(workplace, record, action, looked);
    if (report.passed()) {
        tell_finished(workplace, record, action, false);
    } else {
        tell_failed(workplace, record, action.action, looked.error);
    }
    return report;
}

void require_verified(Workplace& workplace, const MigrationRecord& record, ActionRecord& action)
{
    const VerifyReport report = verify_action(workplace, record, action);
    if (report.passed()) {
        return;
    }
    const auto& work = std::get<VerifyWork>(action.action.work);
    throw Error(ErrorKind::refused,
                fmt::format("verification failed: {}: {}", action.action.summary, findings(report)),
                {.hint = fmt::format("Look at these rows of \"{}\", mend them, then run `sluice "
                                     "{} {}` again; `sluice rollback {}` goes back.",
                                     display(work.table), name_of(action.action.phase),
                                     record.version, record.version)});
}

void reopen_rows(Workplace& workplace, const MigrationRecord& record,
                 std::vector<ActionRecord>& actions)
{
    std::vector<ActionRecord> reopened = actions;
    workplace.with_retries("recording what is to be done again", [&] {
        workplace.transact([&] {
            for (ActionRecord& action : reopened) {
                if (!is_sweep(action.action) && !is_verification(action.action)) {
                    continue;
                }
                action.state = ActionState::planned;
                Runs(workplace.session()).remove(record.version, action.action.ordinal);
                workplace.history().mark(record.version, action);
            }
        });
    });
    actions = reopened;
}

void reopen_verifications(Workplace& workplace, const MigrationRecord& record,
                          std::vector<ActionRecord> actions)
{
    for (ActionRecord& action : actions) {
        if (is_verification(action.action) && action.state != ActionState::planned) {
            action.state = ActionState::planned;
            workplace.history().mark(record.version, action);
        }
    }
}

} // namespace sluice
