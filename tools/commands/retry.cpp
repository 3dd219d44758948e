#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

int run(const std::optional<std::int64_t>& named, Workspace& workspace)
{
    Session session = workspace.open();
    const RunRecord chosen = choose_run(workspace, session, named, [](const RunRecord& one) {
        return one.state == RunState::failed;
    });
    change_state(workspace, session, [&] {
        Runs(session).retry(chosen.id);
        record_asked(workspace, session, chosen.id,
                     {.verb = "retry", .from = "failed: " + chosen.last_error, .to = "running"});
    });
    print_run(workspace, session, fmt::format("run {} {}", chosen.id, going_on(session)),
              chosen.id);
    return exit_code::done;
}

} // namespace

Command retry_command()
{
    return {.name = "retry",
            .group = CommandGroup::on_call,
            .arguments = "[RUN]",
            .summary = "let a backfill that failed work again, from its checkpoint",
            .details = "To be asked for when the cause is gone: sluice why tells it. Where no "
                       "worker is alive, the answer says\nwhich command starts one.",
            .examples = {"sluice retry", "sluice retry 3 --reason \"row 17 was mended\""},
            .exit_codes = exit_codes_of_asking("asked for, and recorded in the ledger"),
            .define = [](CLI::App& app) -> Run {
                const auto named = std::make_shared<std::optional<std::int64_t>>();
                app.add_option("RUN", *named, "its number; not needed where only one has failed");
                return [named](Workspace& workspace) { return run(*named, workspace); };
            }};
}

} // namespace sluice
