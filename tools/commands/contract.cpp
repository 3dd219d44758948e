#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "outcome.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "sluice/state/history.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string migration;
    std::string approval; ///< empty: none is given
    RunnerWishes wishes;
};

bool has_begun(Session& session, const Migration& migration)
{
    const auto record = History(session).find(migration.version);
    return record.has_value() &&
           (record->state == State::contracting || record->state == State::contracted);
}

/// The runner asks the gate once more, under its lease; here it is asked for its reasons.
void show_closed_gate(Workspace& workspace, const Migration& migration)
{
    Session session = workspace.open();
    if (!workspace.has_state(session) || has_begun(session, migration)) {
        return;
    }
    const GateReport report = check_gate(session, migration);
    if (report.is_open()) {
        return;
    }
    workspace.print(gate_text(title_of(migration), report, workspace.output()),
                    gate_json(migration.version, report));
    const auto closed = std::count_if(report.conditions.begin(), report.conditions.end(),
                                      [](const GateCondition& one) { return !one.holds; });
    throw Error(ErrorKind::refused,
                fmt::format("the gate of \"{}\" is closed: {} of {} not hold", migration.name,
                            closed,
                            counted(std::ssize(report.conditions), "condition") +
                                (closed == 1 ? " does" : " do")),
                {.hint = "Nothing was changed; what helps stands beside each condition."});
}

/// What can still be had back, by the record of what was done.
std::string contracted_text(Workspace& workspace, const Migration& migration)
{
    Session session = workspace.open();
    const std::vector<ActionRecord> actions = History(session).actions(migration.version);
    const auto is_final = [](const ActionRecord& one) {
        return one.action.phase == Phase::contract && one.action.irreversible;
    };
    if (std::any_of(actions.begin(), actions.end(), is_final)) {
        return "contracted; part of it has no undo: sluice rollback stops there";
    }
    const bool keeps = std::any_of(actions.begin(), actions.end(), [](const ActionRecord& one) {
        return one.action.phase == Phase::purge;
    });
    return keeps ? "contracted; what was removed is kept until sluice purge, sluice rollback takes "
                   "it back"
                 : "contracted; sluice rollback takes it back";
}

int run(const Options& options, Workspace& workspace)
{
    const Migration& migration =
        choose_migration(workspace, options.migration, {State::migrated, State::contracting});
    if (!options.approval.empty()) {
        Session session = workspace.open();
        approve(session, migration, current_actor(), options.approval);
    }
    if (!options.wishes.accept_drift) {
        show_closed_gate(workspace, migration);
    }
    const RunEnd end = workspace.runner(options.wishes).contract(migration);
    return conclude(workspace,
                    {.end = end,
                     .command = "contract",
                     .done = end == RunEnd::done ? contracted_text(workspace, migration) : ""});
}

} // namespace

Command contract_command()
{
    return {.name = "contract",
            .group = CommandGroup::pipeline,
            .interrupt = Interrupt::after_batch,
            .arguments = "[MIGRATION]",
            .summary = "remove the old shape, behind a gate of evidence",
            .details = "Backfills done, verified after the last of them, definition unchanged, no "
                       "drift, soak time over:\na gate that is closed lists each condition with "
                       "its evidence and changes nothing. Columns are renamed\naway, not dropped, "
                       "so that sluice rollback can bring them back until sluice purge.",
            .examples = {"sluice contract", "sluice contract users_username --env production",
                         "sluice contract users_username --approve \"seen and agreed, Ada\""},
            .exit_codes = exit_codes_of_work("contracted"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("MIGRATION", options->migration,
                               "version or name; not needed where only one is migrated");
                app.add_option("--approve", options->approval,
                               "take responsibility, where the file asks for it")
                    ->type_name("REASON");
                define_accept_drift(app, options->wishes);
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
