#include "ask.h"
#include "commands/commands.h"
#include "outcome.h"
#include "workspace.h"

#include <memory>

namespace sluice {

Command pause_command()
{
    return {
        .name = "pause",
        .group = CommandGroup::on_call,
        .arguments = "[RUN]",
        .summary = "let a backfill rest",
        .details =
            "Obeyed within one batch. Also works when no worker is alive: the next one will wait.",
        .examples = {"sluice pause", "sluice pause 3 --reason \"the evening peak\""},
        .exit_codes = exit_codes_of_asking("asked for, and recorded in the ledger"),
        .define = [](CLI::App& app) -> Run {
            const auto run = std::make_shared<std::optional<std::int64_t>>();
            app.add_option("RUN", *run, "its number; not needed where only one can be meant");
            return [run](Workspace& workspace) {
                return ask_run(workspace, {.run = *run, .desired = Desired::paused});
            };
        }};
}

} // namespace sluice
