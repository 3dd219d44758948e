#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "workspace.h"

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string migration;
    RunnerWishes wishes;
};

int run(const Options& options, Workspace& workspace)
{
    const auto chosen =
        choose_migrations(workspace, options.migration, {State::expanded, State::migrating});
    Runner runner = workspace.runner(options.wishes);
    RunEnd end = RunEnd::done;
    for (const Migration* migration : chosen) {
        end = runner.migrate(*migration);
        if (end != RunEnd::done) {
            break;
        }
    }
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
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("MIGRATION", options->migration,
                               "version or name; else all that are due");
                define_allow_late(app, options->wishes);
                define_accept_drift(app, options->wishes);
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
