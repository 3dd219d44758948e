#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string migration;
};

/// The plans of the migrations in their order. What cannot be planned because an earlier one is
/// still to be applied is left to the next time, and said.
std::vector<Plan> make_plans(Runner& runner, const std::vector<const Migration*>& chosen,
                             Workspace& workspace)
{
    std::vector<Plan> plans;
    for (const Migration* migration : chosen) {
        try {
            plans.push_back(runner.plan(*migration));
        } catch (const Error& error) {
            const bool may_need_earlier = error.kind == ErrorKind::definition &&
                                          error.details.cause != Cause::syntax && !plans.empty();
            if (!may_need_earlier) {
                throw;
            }
            workspace.say(fmt::format("{} can be planned once the earlier ones are applied: {}",
                                      title_of(*migration), error.message));
            break;
        }
    }
    return plans;
}

int run(const Options& options, Workspace& workspace)
{
    const auto chosen =
        choose_migrations(workspace, options.migration,
                          {State::pending, State::expanding, State::expanded, State::migrating});
    Runner runner = workspace.runner();
    const std::vector<Plan> plans = make_plans(runner, chosen, workspace);
    std::string text;
    for (const Plan& plan : plans) {
        text += (text.empty() ? "" : "\n") + to_text(plan);
    }
    workspace.print(text.empty() ? "nothing is pending\n" : text, plans_json(plans));
    return exit_code::done;
}

} // namespace

Command plan_command()
{
    return {.name = "plan",
            .group = CommandGroup::author,
            .arguments = "[MIGRATION]",
            .summary = "what would be done: statements, locks, the way back",
            .details = "Changes nothing. Without MIGRATION: everything that is pending. The SQL in "
                       "the files is checked by\nthe server's own parser. For a migration that has "
                       "begun: the plan as it was recorded.",
            .examples = {"sluice plan", "sluice plan users_username --env production"},
            .exit_codes = exit_codes_of_asking("planned"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("MIGRATION", options->migration,
                               "version or name; else all that are pending");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
