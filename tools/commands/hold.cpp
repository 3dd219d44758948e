#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/migration/migration.h"
#include "sluice/report/readable.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::optional<std::int64_t> run;
    std::string duration;
};

std::string held(const RunRecord& run)
{
    return run.is_held ? "held until " + run.hold_until : "not held";
}

int run(const Options& options, Workspace& workspace)
{
    const Milliseconds duration =
        options.duration == "0" ? Milliseconds{0} : parse_duration(options.duration);
    Session session = workspace.open();
    const RunRecord chosen = choose_run(workspace, session, options.run, [](const RunRecord& one) {
        return one.state != RunState::done;
    });
    Runs runs(session);
    change_state(workspace, session, [&] {
        runs.hold(chosen.id, duration, workspace.options().reason);
        record_asked(workspace, session, chosen.id,
                     {.verb = "hold", .from = held(chosen), .to = held(*runs.find(chosen.id))});
    });
    const RunRecord now = runs.find(chosen.id).value_or(chosen);
    print_run(workspace, session,
              now.is_held ? fmt::format("run {} is held until {}; sluice resume {} ends that early",
                                        now.id, readable_time(now.hold_until), now.id)
                          : fmt::format("run {} {}", now.id, going_on(session)),
              now.id);
    return exit_code::done;
}

} // namespace

Command hold_command()
{
    return {.name = "hold",
            .group = CommandGroup::on_call,
            .arguments = "[RUN] --for TIME",
            .summary = "let a backfill rest for a while; it goes on by itself",
            .details = "Obeyed within one batch. The time runs by the server's clock; --for 0 and "
                       "sluice resume end it early.",
            .examples = {"sluice hold --for 10m", "sluice hold 3 --for 2h --reason \"the backup\"",
                         "sluice hold 3 --for 0"},
            .exit_codes = exit_codes_of_asking("asked for, and recorded in the ledger"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("RUN", options->run,
                               "its number; not needed where only one can be meant");
                app.add_option("--for", options->duration, "how long: 30s, 10m, 2h; 0: no longer")
                    ->type_name("TIME")
                    ->required();
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
