#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "sluice/state/ledger.h"
#include "workspace.h"

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string object;
    int limit = 50;
};

int run(const Options& options, Workspace& workspace)
{
    Session session = workspace.open();
    const std::vector<LedgerEntry> entries =
        workspace.has_state(session) ? read_ledger(session, options.limit, options.object)
                                     : std::vector<LedgerEntry>{};
    workspace.print(ledger_text(entries), ledger_json(entries));
    return exit_code::done;
}

} // namespace

Command log_command()
{
    return {.name = "log",
            .group = CommandGroup::on_call,
            .arguments = "[OBJECT]",
            .summary = "who did what, when, with what result",
            .details = "The newest entries of the ledger, oldest first. OBJECT narrows to one: "
                       "\"run 3\".",
            .examples = {"sluice log", "sluice log \"run 3\" --limit 10",
                         "sluice log --json | jq .actor"},
            .exit_codes = exit_codes_of_asking("listed"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("OBJECT", options->object, "as the log shows it");
                app.add_option("--limit", options->limit, "how many entries, 50 unless said")
                    ->type_name("N")
                    ->check(CLI::Range(1, 1'000'000));
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
