#include "choose.h"
#include "commands/commands.h"
#include "outcome.h"
#include "wishes.h"
#include "workspace.h"

namespace sluice {

namespace {

int run(const MigrationOptions& options, Workspace& workspace)
{
    const Migration& migration =
        choose_migration(workspace, options.migration, {State::contracted});
    const RunEnd end = workspace.runner().purge(migration);
    return conclude(workspace, {.end = end, .command = "purge", .done = "purged"});
}

} // namespace

Command purge_command()
{
    return {.name = "purge",
            .group = CommandGroup::repair,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION]",
            .summary = "drop what contract kept; there is no way back from there",
            .details = "The old columns that contract renamed away, and the triggers that kept "
                       "filling them, are dropped.",
            .examples = {"sluice purge",
                         "sluice purge users_username --reason \"a week without complaints\""},
            .exit_codes = exit_codes_of_work("purged"),
            .define = takes_migration("version or name; not needed where only one can be meant", {},
                                      run)};
}

} // namespace sluice
