#include "ask.h"
#include "commands/commands.h"
#include "outcome.h"

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
        .define = asks_for(Desired::running)};
}

} // namespace sluice
