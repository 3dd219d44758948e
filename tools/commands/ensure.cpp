#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "lookout.h"
#include "sluice/migration/folder.h"
#include "sluice/report/json.h"
#include "waiting.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string migration;
    std::string timeout = "30m";
};

constexpr Milliseconds interval{500};

/// Tells a line whenever it is another one.
class Teller {
public:
    explicit Teller(Workspace& workspace) : workspace_(workspace) {}

    void tell(const std::string& line)
    {
        if (line != last_ && !workspace_.options().is_quiet) {
            workspace_.print(line + "\n", event_json(Note{line}));
        }
        last_ = line;
    }

private:
    Workspace& workspace_;
    std::string last_;
};

int conclude(Workspace& workspace, const Verdict& verdict, int code, std::string_view result)
{
    const std::string text = verdict.next.empty()
                                 ? verdict.text
                                 : fmt::format("{}\nnext: {}", verdict.text, verdict.next);
    workspace.print(text + "\n", result_json("ensure", std::string(result), text));
    return code;
}

/// A server that is away is waited for like everything else, and told once.
Verdict look(Workspace& workspace, Lookout& lookout, const std::string& named)
{
    const bool was_away = !lookout.trouble().empty();
    const auto seen =
        lookout.look([&](Session& session) { return look_at_work(workspace, session, named); });
    return seen.value_or(
        Verdict{.text = lookout.trouble(), .next = "sluice status", .is_known = was_away});
}

int run(const Options& options, Workspace& workspace)
{
    if (!options.migration.empty()) {
        (void)find_migration(workspace.migrations(), options.migration);
    }
    const SteadyTime deadline = workspace.clock().steady_now() + parse_duration(options.timeout);
    Teller teller(workspace);
    Lookout lookout(workspace);
    for (bool had_failed = false;;) {
        const Verdict verdict = look(workspace, lookout, options.migration);
        if (verdict.end == WaitEnd::done) {
            return conclude(workspace, verdict, exit_code::done, "done");
        }
        if (verdict.end == WaitEnd::stopped) {
            return conclude(workspace, verdict, exit_code::refused, "stopped");
        }
        // A worker that takes up what failed needs a moment to say so.
        if (verdict.end == WaitEnd::failed && (had_failed || !verdict.is_worked_on)) {
            return conclude(workspace, verdict, exit_code::failed, "failed");
        }
        had_failed = verdict.end == WaitEnd::failed;
        if (workspace.stop().stop_requested()) {
            return conclude(workspace, {.text = "interrupted; " + verdict.text},
                            exit_code::interrupted, "interrupted");
        }
        if (workspace.clock().steady_now() >= deadline) {
            return conclude(workspace,
                            {.text = fmt::format("after {} {}", options.timeout, verdict.text),
                             .next = verdict.next},
                            exit_code::pending, "pending");
        }
        if (!verdict.is_known) {
            teller.tell(verdict.text);
        }
        workspace.clock().sleep(interval, workspace.stop());
    }
}

} // namespace

Command ensure_command()
{
    return {.name = "ensure",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION] [--timeout TIME]",
            .summary = "wait until everything, or one migration, is migrated",
            .details = "For a pipeline: it only looks, and prints a line when something changes; "
                       "sluice apply does the work.\nWhat ends it early says the next command.",
            .examples = {"sluice ensure --timeout 2h", "sluice ensure users_username --json"},
            .exit_codes = {{exit_code::done, "migrated"},
                           {exit_code::pending, "the time is over, and work is left"},
                           {exit_code::failed, "failed"},
                           {exit_code::refused, "somebody paused, held, cancelled or stopped it"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"},
                           {exit_code::interrupted, "interrupted"}},
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("MIGRATION", options->migration,
                               "version or name; all in the folder unless given");
                app.add_option("--timeout", options->timeout, "30m unless said")->type_name("TIME");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
