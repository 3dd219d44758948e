#include "ask.h"

#include "choose.h"
#include "exit_code.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "sluice/report/json.h"
#include "sluice/run/reasons.h"
#include "sluice/state/brake.h"
#include "sluice/state/history.h"
#include "sluice/state/ranges.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

std::string_view verb_of(Desired desired)
{
    switch (desired) {
    case Desired::running:
        return "resume";
    case Desired::paused:
        return "pause";
    case Desired::cancelled:
        return "cancel";
    }
    return "";
}

bool fits(const RunRecord& run, Desired desired)
{
    const bool may_resume =
        desired == Desired::running && (run.is_held || run.state == RunState::failed);
    return run.state != RunState::done && (run.desired != desired || may_resume);
}

/// Letting a failed run go on is another wish: somebody has seen what was wrong.
void refuse_failed(const RunRecord& run)
{
    if (run.state == RunState::failed) {
        throw Error(ErrorKind::refused,
                    fmt::format("run {} has failed: {}", run.id, run.last_error),
                    {.hint = fmt::format("When the cause is gone, `sluice retry {}` lets it work "
                                         "again from its checkpoint.",
                                         run.id)});
    }
}

std::string answer(Session& session, const RunRecord& run, Desired desired)
{
    const bool is_worked_on = has_worker(session);
    switch (desired) {
    case Desired::running:
        return fmt::format("run {} {}", run.id, going_on(session));
    case Desired::paused:
        return fmt::format("run {} {}; sluice resume {} lets it go on", run.id,
                           is_worked_on ? "pauses after its batch" : "is paused", run.id);
    case Desired::cancelled:
        return fmt::format("run {} {}, its checkpoint is kept; sluice resume {} and sluice apply "
                           "go on, sluice rollback {} goes back",
                           run.id, is_worked_on ? "ends after its batch" : "is cancelled", run.id,
                           run.version);
    }
    return "";
}

} // namespace

bool has_worker(Session& session)
{
    std::vector<RangeRecord> ranges;
    for (const RunRecord& run : Runs(session).all()) {
        if (run.state != RunState::done) {
            const std::vector<RangeRecord> own = Ranges(session).all(run.id);
            ranges.insert(ranges.end(), own.begin(), own.end());
        }
    }
    return is_worked_on(session, ranges);
}

std::string going_on(Session& session)
{
    if (const BrakeRecord brake = read_brake(session); brake.is_engaged) {
        return "may go on once all may: sluice stop-all --release";
    }
    return has_worker(session)
               ? "goes on"
               : "may go on; no worker is alive: sluice apply or sluice work starts one";
}

void print_run(Workspace& workspace, Session& session, const std::string& answer, std::int64_t run)
{
    const RunRecord now = Runs(session).find(run).value_or(RunRecord{.id = run});
    workspace.print(answer + "\n", run_json(now, Ranges(session).all(run), read_brake(session)));
}

void record_asked(Workspace& workspace, Session& session, std::int64_t run, LedgerEntry entry)
{
    entry.object = fmt::format("run {}", run);
    entry.reason = workspace.options().reason;
    append_ledger(session, current_actor(), entry);
}

BackfillWork work_of(Session& session, const RunRecord& run)
{
    for (const ActionRecord& record : History(session).actions(run.version)) {
        if (record.action.ordinal == run.ordinal) {
            return std::get<BackfillWork>(record.action.work);
        }
    }
    throw Error(ErrorKind::internal, fmt::format("run {} has no action on record", run.id));
}

void require_reason(Workspace& workspace, std::string_view example)
{
    if (workspace.options().reason.empty()) {
        const std::string_view verb = example.substr(0, example.find(' '));
        throw Error(ErrorKind::usage, fmt::format("{} wants a reason for the ledger", verb),
                    {.hint = fmt::format("For example: `sluice {}`.", example)});
    }
}

void change_state(Workspace& workspace, Session& session, const std::function<void()>& work)
{
    constexpr int attempts = 20;
    for (int attempt = 1;; ++attempt) {
        try {
            Transaction transaction(session);
            work();
            transaction.commit();
            return;
        } catch (const Error& error) {
            const bool is_busy =
                is_retryable(error.details.cause) && error.details.cause != Cause::connection_lost;
            if (!is_busy || attempt == attempts) {
                throw;
            }
        }
        workspace.clock().sleep(Milliseconds(50 * attempt), workspace.stop());
    }
}

std::string ask_of(Workspace& workspace, Session& session, const RunRecord& run, Desired desired)
{
    if (desired == Desired::running) {
        refuse_failed(run);
    }
    change_state(workspace, session, [&] {
        Runs runs(session);
        const Desired before = runs.ask(run.id, desired);
        const bool ends_hold = run.is_held && desired == Desired::running;
        if (ends_hold) {
            runs.hold(run.id, Milliseconds{0}, {});
        }
        if (before == desired && !ends_hold) {
            return;
        }
        record_asked(workspace, session, run.id,
                     {.verb = std::string(verb_of(desired)),
                      .from = ends_hold && before == desired ? "held until " + run.hold_until
                                                             : std::string(name_of(before)),
                      .to = std::string(name_of(desired))});
    });
    return answer(session, run, desired);
}

Pace change_pace(Workspace& workspace, Session& session, std::int64_t run,
                 const std::function<Pace(const Pace&)>& change)
{
    Pace pace;
    change_state(workspace, session, [&] {
        Runs runs(session);
        const Pace before = runs.find(run).value_or(RunRecord{}).pace;
        pace = change(before);
        check_pace(pace);
        runs.set_pace(run, pace);
        record_asked(workspace, session, run,
                     {.verb = "set", .from = text_of(before), .to = text_of(pace)});
    });
    return pace;
}

std::function<Run(CLI::App&)> asks_for(Desired desired)
{
    return [desired](CLI::App& app) -> Run {
        const auto run = std::make_shared<std::optional<std::int64_t>>();
        app.add_option("RUN", *run, "its number; not needed where only one can be meant");
        return [run, desired](Workspace& workspace) {
            return ask_run(workspace, {.run = *run, .desired = desired});
        };
    };
}

int ask_run(Workspace& workspace, const Request& request)
{
    Session session = workspace.open();
    const RunRecord run = choose_run(workspace, session, request.run, [&](const RunRecord& one) {
        return fits(one, request.desired);
    });
    print_run(workspace, session, ask_of(workspace, session, run, request.desired), run.id);
    return exit_code::done;
}

} // namespace sluice
