#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "wishes.h"
#include "workspace.h"

#include <algorithm>

namespace sluice {

namespace {

int run(const MigrationOptions& options, Workspace& workspace)
{
    const Migration& migration =
        choose_migration(workspace, options.migration, {State::migrating, State::migrated});
    const std::vector<VerifyReport> reports = workspace.runner().verify(migration);
    workspace.print(verify_text(title_of(migration), reports, workspace.output()),
                    verify_json(migration.version, reports));
    const bool passed = std::all_of(reports.begin(), reports.end(),
                                    [](const VerifyReport& report) { return report.passed(); });
    return passed ? exit_code::done : exit_code::pending;
}

} // namespace

Command verify_command()
{
    std::vector<ExitCode> codes = exit_codes_of_work("every row is as it should be");
    codes[1].meaning = "rows were found that are not; their keys are listed";
    return {.name = "verify",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION]",
            .summary = "look at every row again: is the result right?",
            .details = "Reads the whole table in ranges, with SQL of its own, and records what it "
                       "found as evidence for\nthe gate. Rows that fail are looked at twice, "
                       "because the application writes meanwhile.",
            .examples = {"sluice verify", "sluice verify users_username --json"},
            .exit_codes = std::move(codes),
            .define =
                takes_migration("version or name; not needed where only one is migrated", {}, run)};
}

} // namespace sluice
