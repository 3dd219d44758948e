#include "ask.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/state/brake.h"
#include "sluice/state/schema.h"
#include "workspace.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <unistd.h>

namespace sluice {

namespace {

struct Options {
    bool is_release = false;
    bool is_sure = false;
};

/// Only a person at a terminal is asked: a script means what it says.
void confirm(Workspace& workspace, const Options& options)
{
    const bool is_asked = !options.is_sure && !options.is_release && !workspace.options().json &&
                          ::isatty(STDIN_FILENO) == 1 && workspace.output().is_terminal();
    if (!is_asked) {
        return;
    }
    workspace.output().write("Stop every backfill of this database, those that begin later too? "
                             "Type yes: ");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "yes" && answer != "y") {
        throw Error(ErrorKind::refused, "nothing was stopped",
                    {.hint = "`sluice stop-all --yes` does not ask."});
    }
}

bool change(Workspace& workspace, Session& session, const Options& options)
{
    const Actor actor = current_actor();
    bool is_changed = false;
    change_state(workspace, session, [&] {
        const BrakeRecord before = read_brake(session);
        is_changed = options.is_release ? release_brake(session)
                                        : engage_brake(session, actor, workspace.options().reason);
        if (is_changed) {
            append_ledger(session, actor,
                          {.verb = options.is_release ? "release" : "stop-all",
                           .object = "all runs",
                           .from = options.is_release ? "stopped by " + before.actor : "free",
                           .to = options.is_release ? "free" : "stopped",
                           .reason = workspace.options().reason});
        }
    });
    return is_changed;
}

std::string answer(const BrakeRecord& brake, bool is_changed)
{
    if (!brake.is_engaged) {
        return is_changed ? "all runs may go on" : "nothing was stopped: all runs may work";
    }
    return fmt::format("all runs {} stopped{}; sluice stop-all --release lets them go on",
                       is_changed ? "are" : "were already",
                       is_changed ? " within one batch" : fmt::format(" by {}", brake.actor));
}

int run(const Options& options, Workspace& workspace)
{
    if (!options.is_release) {
        require_reason(workspace, "stop-all --reason \"the database is in trouble\"");
    }
    Session session = workspace.open();
    confirm(workspace, options);
    ensure_state(session); // what begins later is stopped, too
    const bool is_changed = change(workspace, session, options);
    const BrakeRecord brake = read_brake(session);
    workspace.print(answer(brake, is_changed) + "\n", brake_json(brake));
    return exit_code::done;
}

} // namespace

Command stop_all_command()
{
    return {.name = "stop-all",
            .group = CommandGroup::on_call,
            .arguments = "--reason TEXT | --release",
            .summary = "the brake: no backfill of this database works until it is released",
            .details = "Obeyed within one batch by every worker on every machine, also by runs "
                       "that begin later. What each run\nwas asked stays as it is. On a terminal "
                       "it asks first.",
            .examples = {"sluice stop-all --reason \"the database is in trouble\"",
                         "sluice stop-all --release --reason \"the replicas have caught up\""},
            .exit_codes = exit_codes_of_asking("stopped, or released; recorded in the ledger"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_flag("--release", options->is_release, "let all go on");
                app.add_flag("--yes", options->is_sure, "do not ask");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
