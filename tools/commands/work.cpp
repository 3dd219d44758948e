#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/run/serve.h"
#include "workspace.h"

namespace sluice {

namespace {

int run(Workspace& workspace)
{
    (void)workspace.url();
    workspace.say("waiting for backfills; Ctrl-C or SIGTERM ends it, with every checkpoint kept");
    serve(workspace.connect(), workspace.clock(), workspace.listener(), workspace.stop(),
          {.actor = current_actor(), .trusted_commands = workspace.settings().throttle.commands});
    workspace.say("stopped; every checkpoint is kept");
    return exit_code::done;
}

} // namespace

Command work_command()
{
    return {.name = "work",
            .group = CommandGroup::on_call,
            .interrupt = Interrupt::after_batch,
            .summary = "work on every backfill that wants it, until it is stopped",
            .details = "The long-running worker, for systemd or Kubernetes: any number of them, on "
                       "any machines, share the\nruns with each other and with `sluice apply`. "
                       "It needs no migration files. A run is begun and\nfinished by `sluice "
                       "apply`; in between it goes on wherever a worker lives.",
            .examples = {"sluice work --env production",
                         "sluice work --url postgresql://db/shop --json"},
            .exit_codes = {{exit_code::done, "stopped by Ctrl-C or SIGTERM"},
                           {exit_code::failed, "failed: the database refused"},
                           {exit_code::refused, "the state tables come from a newer sluice"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
