#include "ask.h"
#include "commands/commands.h"
#include "outcome.h"
#include "workspace.h"

#include <memory>

namespace sluice {

Command resume_command()
{
    return {
        .name = "resume",
        .group = CommandGroup::on_call,
        .arguments = "[RUN]",
        .summary = "let a paused or cancelled backfill go on",
        .details =
            "A worker that waits goes on at once. Where none is alive, sluice apply starts one.",
        .examples = {"sluice resume", "sluice resume 3 --reason \"the peak is over\""},
        .exit_codes = exit_codes_of_asking("asked for, and recorded in the ledger"),
        .define = [](CLI::App& app) -> Run {
            const auto run = std::make_shared<std::optional<std::int64_t>>();
            app.add_option("RUN", *run, "its number; not needed where only one can be meant");
            return [run](Workspace& workspace) {
                return ask_run(workspace, {.run = *run, .desired = Desired::running});
            };
        }};
}

} // namespace sluice
