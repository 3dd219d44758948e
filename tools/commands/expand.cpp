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
        choose_migrations(workspace, options.migration, {State::pending, State::expanding});
    Runner runner = workspace.runner(options.wishes);
    const RunEnd end =
        take_each(chosen, [&](const Migration& migration) { return runner.expand(migration); });
    return conclude(
        workspace,
        {.end = end,
         .command = "expand",
         .done = chosen.empty() ? "nothing to expand"
                                : "expanded; next: roll out the application, then sluice migrate"});
}

} // namespace

Command expand_command()
{
    return {.name = "expand",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION]",
            .summary = "add the new shape beside the old one",
            .details = "Without MIGRATION: everything that is pending, in order. Both versions of "
                       "the application can work\nafterwards: sync triggers keep the two shapes "
                       "in step. The old rows are left to sluice migrate.",
            .examples = {"sluice expand", "sluice expand users_username --env production"},
            .exit_codes = exit_codes_of_work("done, or nothing to do"),
            .define = takes_migration("version or name; else all that are due",
                                      {define_allow_late, define_accept_drift}, run)};
}

} // namespace sluice
