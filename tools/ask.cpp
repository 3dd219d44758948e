#include "ask.h"

#include "choose.h"
#include "exit_code.h"
#include "sluice/core/error.h"
#include "sluice/db/transaction.h"
#include "sluice/report/json.h"
#include "sluice/state/lease.h"
#include "sluice/state/ledger.h"

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
    return run.state != RunState::done && run.desired != desired;
}

std::string answer(const RunRecord& run, Desired desired, bool is_worked_on)
{
    switch (desired) {
    case Desired::running:
        return is_worked_on
                   ? fmt::format("run {} goes on", run.id)
                   : fmt::format("run {} may go on; no worker is alive: sluice apply starts one",
                                 run.id);
    case Desired::paused:
        return fmt::format("run {} {}; sluice resume {} lets it go on", run.id,
                           is_worked_on ? "pauses after its batch" : "is paused", run.id);
    case Desired::cancelled:
        return fmt::format("run {} {}, its checkpoint is kept; sluice resume {} and sluice apply "
                           "go on, sluice rollback goes back",
                           run.id, is_worked_on ? "ends after its batch" : "is cancelled", run.id);
    }
    return "";
}

} // namespace

bool has_worker(Session& session)
{
    const std::optional<LeaseHolder> holder = lease_holder(session);
    return holder.has_value() && !holder->is_expired && !is_gone(holder->actor);
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
    change_state(workspace, session, [&] {
        const Desired before = Runs(session).ask(run.id, request.desired);
        if (before == request.desired) {
            return;
        }
        append_ledger(session, current_actor(),
                      {.verb = std::string(verb_of(request.desired)),
                       .object = fmt::format("run {}", run.id),
                       .from = std::string(name_of(before)),
                       .to = std::string(name_of(request.desired)),
                       .reason = workspace.options().reason});
    });
    const std::string text = answer(run, request.desired, has_worker(session));
    const RunRecord now = Runs(session).find(run.id).value_or(run);
    workspace.print(text + "\n", run_json(now, Ranges(session).all(run.id)));
    return exit_code::done;
}

} // namespace sluice
