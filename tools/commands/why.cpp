#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "workspace.h"

#include <algorithm>
#include <memory>

namespace sluice {

namespace {

/// Then what takes its time is a change of the schema.
bool no_run_is_open(Session& session)
{
    const std::vector<RunRecord> runs = Runs(session).all();
    return std::all_of(runs.begin(), runs.end(),
                       [](const RunRecord& run) { return run.state == RunState::done; });
}

int run(const std::optional<std::int64_t>& named, Workspace& workspace)
{
    Session session = workspace.open();
    if (!named && workspace.has_state(session) && no_run_is_open(session)) {
        const std::optional<UnderWay> doing = under_way(session);
        if (doing && doing->statement) {
            workspace.print(under_way_text(doing), under_way_json(doing));
            return doing->statement->waits_for.empty() ? exit_code::done : exit_code::pending;
        }
    }
    const RunRecord chosen = choose_run(workspace, session, named, [](const RunRecord& one) {
        return one.state != RunState::done;
    });
    const Explanation found = explain(session, chosen.id);
    workspace.print(explanation_text(found, workspace.output()), explanation_json(found));
    return found.reasons.empty() ? exit_code::done : exit_code::pending;
}

} // namespace

Command why_command()
{
    return {.name = "why",
            .group = CommandGroup::on_call,
            .arguments = "[RUN]",
            .summary = "what a backfill waits for, since when, who, and what helps",
            .details = "A person's wish with its reason, a dead worker, a signal, a lock with who "
                       "holds it, rows that could not be\nchanged: each with the command that "
                       "helps. Changes nothing.",
            .examples = {"sluice why", "sluice why 3 --json | jq '.reasons[].next'"},
            .exit_codes = {{exit_code::done, "nothing: it works, or it is done"},
                           {exit_code::pending, "it waits: the reasons were listed"},
                           {exit_code::failed, "failed"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App& app) -> Run {
                const auto named = std::make_shared<std::optional<std::int64_t>>();
                app.add_option("RUN", *named, "its number; not needed where only one is under way");
                return [named](Workspace& workspace) { return run(*named, workspace); };
            }};
}

} // namespace sluice
