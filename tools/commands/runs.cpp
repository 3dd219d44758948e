#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "workspace.h"

namespace sluice {

namespace {

int run(Workspace& workspace)
{
    Session session = workspace.open();
    const bool has_state = workspace.has_state(session);
    const std::vector<RunRecord> runs = has_state ? Runs(session).all() : std::vector<RunRecord>{};
    const BrakeRecord brake = has_state ? read_brake(session) : BrakeRecord{};
    workspace.print(brake_text(brake, workspace.output()) + runs_text(runs, workspace.output()),
                    runs_json(runs, brake));
    return exit_code::done;
}

} // namespace

Command runs_command()
{
    return {.name = "runs",
            .group = CommandGroup::on_call,
            .summary = "every backfill: how far, how fast, why it waits",
            .details = "",
            .examples = {"sluice runs", "sluice runs --json | jq .runs"},
            .exit_codes = exit_codes_of_asking("listed"),
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
