#include "ask.h"
#include "commands/commands.h"
#include "outcome.h"

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
        .define = asks_for(Desired::paused)};
}

} // namespace sluice
