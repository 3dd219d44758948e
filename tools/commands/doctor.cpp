#include "sluice/run/doctor.h"

#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string older_than = "1m";
};

struct Pending {
    std::vector<Plan> plans;
    std::vector<Finding> findings; ///< of what cannot be planned
};

Pending plan_pending(Workspace& workspace)
{
    Pending pending;
    const auto migrations = choose_migrations(
        workspace, "", {State::pending, State::expanding, State::expanded, State::migrating});
    Runner runner = workspace.runner();
    for (const Migration* migration : migrations) {
        try {
            pending.plans.push_back(runner.plan(*migration));
        } catch (const Error& error) {
            if (error.kind == ErrorKind::connection || error.kind == ErrorKind::interrupted) {
                throw;
            }
            pending.findings.push_back(
                {.severity = Severity::note,
                 .check = "unplanned",
                 .found =
                     fmt::format("{} cannot be planned: {}", title_of(*migration), error.message),
                 .harm = "the tables that it changes were not looked at",
                 .remedy = fmt::format("sluice plan {}, once the earlier ones are applied",
                                       migration->version)});
        }
    }
    return pending;
}

std::chrono::seconds age_from(const std::string& text)
{
    try {
        return std::chrono::duration_cast<std::chrono::seconds>(parse_duration(text));
    } catch (const Error& error) {
        throw Error(ErrorKind::usage, error.message, error.details);
    }
}

int run(const Options& options, Workspace& workspace)
{
    FindingLimits limits;
    limits.transaction_age = age_from(options.older_than);
    std::vector<Finding> findings = findings_before_opening(workspace.url());
    Pending pending = plan_pending(workspace);
    Session session = workspace.open();
    const auto add = [&findings](std::vector<Finding> more) {
        findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                        std::make_move_iterator(more.end()));
    };
    add(find_harm(session, pending.plans, limits));
    add(std::move(pending.findings));
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    workspace.print(findings_text(findings, workspace.output()), findings_json(findings));
    return findings.empty() ? exit_code::done : exit_code::pending;
}

} // namespace

Command doctor_command()
{
    return {.name = "doctor",
            .group = CommandGroup::repair,
            .summary = "what in this database would hurt a backfill, and what helps",
            .details = "Old transactions, replicas, logs that are kept, and of the tables of "
                       "pending migrations: vacuum, triggers,\nindexes. Changes nothing.",
            .examples = {"sluice doctor", "sluice doctor --older-than 10m --json | jq .findings"},
            .exit_codes = {{exit_code::done, "nothing was found"},
                           {exit_code::pending, "something was found"},
                           {exit_code::failed, "failed"},
                           {exit_code::refused, "the state tables come from a newer sluice"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("--older-than", options->older_than,
                               "transactions that are worth a finding; 1m unless given")
                    ->type_name("DURATION");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
