#include "commands/commands.h"
#include "outcome.h"
#include "workspace.h"

#include <memory>

namespace sluice {

namespace {

struct Options {
    RunnerWishes wishes;
};

int run(const Options& options, Workspace& workspace)
{
    const RunEnd end = workspace.runner(options.wishes).apply();
    return conclude(workspace, {.end = end,
                                .command = "apply",
                                .done = "nothing is pending; next: sluice verify, then sluice "
                                        "contract once no application uses the old shape"});
}

} // namespace

Command apply_command()
{
    return {.name = "apply",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .summary = "expand and migrate everything that is pending",
            .details = "Takes each migration, in order, to `migrated`: the new shape beside the "
                       "old one, the old rows\nbackfilled and verified. Contract is never part of "
                       "it. Repeating it goes on from where it stopped.",
            .examples = {"sluice apply", "sluice apply --env production --reason \"release 42\"",
                         "sluice apply --json | jq -c ."},
            .exit_codes = exit_codes_of_work("nothing is pending any more"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                define_allow_late(app, options->wishes);
                define_accept_drift(app, options->wishes);
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
