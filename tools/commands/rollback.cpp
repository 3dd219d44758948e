#include "choose.h"
#include "commands/commands.h"
#include "outcome.h"
#include "wishes.h"
#include "workspace.h"

namespace sluice {

namespace {

int run(const MigrationOptions& options, Workspace& workspace)
{
    const Migration& migration = choose_migration(
        workspace, options.migration,
        {State::expanding, State::expanded, State::migrating, State::migrated, State::contracting,
         State::contracted, State::rolling_back, State::restoring});
    const RunEnd end = workspace.runner(options.wishes).rollback(migration);
    return conclude(workspace, {.end = end, .command = "rollback", .done = "rolled back"});
}

} // namespace

Command rollback_command()
{
    return {
        .name = "rollback",
        .group = CommandGroup::pipeline,
        .interrupt = Interrupt::after_batch,
        .arguments = "[MIGRATION]",
        .summary = "take a migration one step back",
        .details = "From contracted (or on the way there) back to migrated, from there back to "
                   "pending. Works from any\nstate, a crash in the middle included, by the undo "
                   "that was recorded with each action.",
        .examples = {"sluice rollback", "sluice rollback users_username --reason \"errors rose\""},
        .exit_codes = exit_codes_of_work("one step back, or nothing was left to undo"),
        .define = takes_migration("version or name; not needed where only one can be meant",
                                  {define_accept_drift}, run)};
}

} // namespace sluice
