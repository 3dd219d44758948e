#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "wishes.h"
#include "workspace.h"

namespace sluice {

namespace {

int run(const MigrationOptions& options, Workspace& workspace)
{
    const auto chosen =
        choose_migrations(workspace, options.migration, {State::expanded, State::migrating});
    Runner runner = workspace.runner(options.wishes);
    const RunEnd end =
        take_each(chosen, [&](const Migration& migration) { return runner.migrate(migration); });
    return conclude(
        workspace,
        {.end = end,
         .command = "migrate",
         .done = chosen.empty()
                     ? "nothing to migrate; sluice apply expands and migrates what is pending"
                     : "migrated and verified; next: sluice contract once no application uses the "
                       "old shape"});
}

} // namespace

Command migrate_command()
{
    return {.name = "migrate",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION]",
            .summary = "backfill the old rows in small batches, then verify",
            .details = "Without MIGRATION: everything that is expanded, in order. A named "
                       "migration is expanded first where\nthat is still to be done. Repeating it "
                       "goes on from the checkpoint.",
            .examples = {"sluice migrate", "sluice migrate users_username --env production"},
            .exit_codes = exit_codes_of_work("done, or nothing to do"),
            .define = takes_migration("version or name; else all that are due",
                                      {define_allow_late, define_accept_drift}, run)};
}

} // namespace sluice
