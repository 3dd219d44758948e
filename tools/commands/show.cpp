#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string what;
};

/// A run's number is short and a migration's version is long; where both could be meant, the run
/// is.
bool may_be_run(const std::string& text)
{
    return text.size() <= 9 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const Migration& named_migration(const std::vector<Migration>& migrations, const std::string& text)
{
    try {
        return find_migration(migrations, text);
    } catch (const Error& error) {
        if (!may_be_run(text)) {
            throw;
        }
        throw Error(error.kind, fmt::format("there is no run {}, and {}", text, error.message),
                    {.hint = "`sluice runs` lists the runs, `sluice status` the migrations."});
    }
}

void show_migration(Workspace& workspace, Session& session, const std::string& text)
{
    const Migration& migration = named_migration(workspace.migrations(), text);
    History history(session);
    const std::optional<MigrationRecord> record = history.find(migration.version);
    if (!record.has_value()) {
        throw Error(
            ErrorKind::usage, fmt::format("\"{}\" has not begun in this database", migration.name),
            {.hint = fmt::format("`sluice plan {}` shows what it would do.", migration.name)});
    }
    const std::vector<ActionRecord> actions = history.actions(migration.version);
    std::vector<TableName> tables;
    for (const ActionRecord& action : actions) {
        tables.insert(tables.end(), action.action.tables.begin(), action.action.tables.end());
    }
    const std::optional<UnderWay> doing = under_way(session, tables);
    workspace.print(migration_text(*record, actions, workspace.output()) + under_way_text(doing),
                    migration_json(*record, actions, doing));
}

int run(const Options& options, Workspace& workspace)
{
    Session session = workspace.open();
    if (!workspace.has_state(session)) {
        throw Error(ErrorKind::usage, "sluice has not worked in this database yet",
                    {.hint = "`sluice plan` shows what it would do."});
    }
    Runs runs(session);
    const std::optional<RunRecord> found =
        options.what.empty()
            ? choose_run(workspace, session, std::nullopt,
                         [](const RunRecord& one) { return one.state != RunState::done; })
        : may_be_run(options.what) ? runs.find(std::stoll(options.what))
                                   : std::nullopt;
    if (!found.has_value()) {
        show_migration(workspace, session, options.what);
        return exit_code::done;
    }
    const std::vector<RangeRecord> ranges = Ranges(session).all(found->id);
    const BrakeRecord brake = read_brake(session);
    workspace.print(brake_text(brake, workspace.output()) + run_text(*found, ranges),
                    run_json(*found, ranges, brake));
    return exit_code::done;
}

} // namespace

Command show_command()
{
    return {.name = "show",
            .group = CommandGroup::on_call,
            .arguments = "[RUN|MIGRATION]",
            .summary = "everything about one backfill or one migration",
            .details = "A run: its pace, cursor, worker, why it waits. A migration: each action, "
                       "its state\nand time, and what the runner does just now.",
            .examples = {"sluice show 3", "sluice show users_username --json"},
            .exit_codes = exit_codes_of_asking("shown"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("RUN|MIGRATION", options->what,
                               "a run's number, a migration's version or name");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
