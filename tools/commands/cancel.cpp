#include "ask.h"
#include "commands/commands.h"
#include "outcome.h"

namespace sluice {

Command cancel_command()
{
    return {.name = "cancel",
            .group = CommandGroup::on_call,
            .arguments = "[RUN]",
            .summary = "end a backfill after its batch, with its checkpoint",
            .details = "The worker ends with exit code 1. sluice resume and sluice apply go on "
                       "from the checkpoint, sluice\nrollback goes back.",
            .examples = {"sluice cancel", "sluice cancel 3 --reason \"wrong migration\""},
            .exit_codes = exit_codes_of_asking("asked for, and recorded in the ledger"),
            .define = asks_for(Desired::cancelled)};
}

} // namespace sluice
