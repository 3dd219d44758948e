#include "ask.h"
#include "choose.h"
#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/backfill/one_key.h"
#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "sluice/state/bad_rows.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>

namespace sluice {

namespace {

struct Options {
    std::string verb = "list";
    std::optional<std::int64_t> run;
    std::string key;
};

/// The open rows that are meant: the one with this key, or all.
std::vector<BadRow> chosen_rows(Session& session, const RunRecord& run, const BackfillWork& work,
                                const std::string& typed)
{
    const std::string key = typed.empty() ? typed : typed_key(typed, work.key);
    std::vector<BadRow> chosen = BadRows(session).list(run.id);
    std::erase_if(chosen, [&key](const BadRow& row) {
        return row.resolution != Resolution::open || (!key.empty() && row.key != key);
    });
    if (chosen.empty()) {
        throw Error(ErrorKind::usage,
                    key.empty() ? fmt::format("run {} has no bad row that is open", run.id)
                                : fmt::format("run {} has no open bad row {}", run.id, key),
                    {.hint = fmt::format("`sluice quarantine list {}` lists them.", run.id)});
    }
    return chosen;
}

void resolve(Workspace& workspace, Session& session, const BadRow& row, Resolution resolution,
             const std::function<void()>& work)
{
    change_state(workspace, session, [&] {
        if (!BadRows(session).resolve(row.id, resolution)) {
            return; // by somebody else, meanwhile
        }
        work();
        record_asked(workspace, session, row.run,
                     {.verb = resolution == Resolution::waived ? "waive" : "retry row",
                      .from = row.key,
                      .to = std::string(name_of(resolution))});
    });
}

/// False: it failed again, and stays open.
bool retry(Workspace& workspace, Session& session, const BackfillWork& work, const BadRow& row)
{
    try {
        resolve(workspace, session, row, Resolution::retried,
                [&] { (void)work_on_key(session, work, row.key); });
        return true;
    } catch (const Error& error) {
        if (error.kind != ErrorKind::sql) {
            throw;
        }
        change_state(workspace, session,
                     [&] { BadRows(session).note_failure(row.id, error.message); });
        workspace.say(fmt::format("{} failed again: {}", row.key, error.message));
        return false;
    }
}

void print_rows(Workspace& workspace, Session& session, std::int64_t run, const std::string& answer)
{
    workspace.print(answer, bad_rows_json(run, BadRows(session).list(run)));
}

int retry_rows(const Options& options, Workspace& workspace, Session& session, const RunRecord& run)
{
    const BackfillWork work = work_of(session, run);
    std::int64_t mended = 0;
    std::int64_t failed = 0;
    for (const BadRow& row : chosen_rows(session, run, work, options.key)) {
        ++(retry(workspace, session, work, row) ? mended : failed);
    }
    print_rows(
        workspace, session, run.id,
        fmt::format("run {}: {} done, {} failed again\n", run.id, counted(mended, "row"), failed));
    return failed == 0 ? exit_code::done : exit_code::pending;
}

int waive_row(const Options& options, Workspace& workspace, Session& session, const RunRecord& run)
{
    require_reason(workspace, "quarantine waive 3 --key 17 --reason \"a test account\"");
    if (options.key.empty()) {
        throw Error(
            ErrorKind::usage, "waive wants the key of one row",
            {.hint = fmt::format("For example: `sluice quarantine waive {} --key 17 --reason "
                                 "\"…\"`; `sluice quarantine list {}` shows the keys.",
                                 run.id, run.id)});
    }
    const BadRow row = chosen_rows(session, run, work_of(session, run), options.key).front();
    resolve(workspace, session, row, Resolution::waived, [] {});
    print_rows(workspace, session, run.id,
               fmt::format("run {}: {} stays as it is\n", run.id, row.key));
    return exit_code::done;
}

int run(const Options& options, Workspace& workspace)
{
    Session session = workspace.open();
    const RunRecord chosen =
        choose_run(workspace, session, options.run, [&session](const RunRecord& one) {
            return !BadRows(session).list(one.id).empty();
        });
    if (options.verb == "retry") {
        return retry_rows(options, workspace, session, chosen);
    }
    if (options.verb == "waive") {
        return waive_row(options, workspace, session, chosen);
    }
    print_rows(workspace, session, chosen.id, bad_rows_text(BadRows(session).list(chosen.id)));
    return exit_code::done;
}

} // namespace

Command quarantine_command()
{
    return {
        .name = "quarantine",
        .group = CommandGroup::repair,
        .arguments = "list|retry|waive [RUN]",
        .summary = "rows that a backfill could not change: list, try again, or let be",
        .details = "retry works on exactly these rows again, once they were mended; waive says "
                   "that one may stay as it is.\nThe gate before contract is shut while any is "
                   "open.",
        .examples = {"sluice quarantine list 3", "sluice quarantine retry 3 --key 17",
                     "sluice quarantine waive 3 --key '[\"7\",\"a\"]' --reason \"a test account\""},
        .exit_codes = {{exit_code::done, "listed, or none of these rows is open any more"},
                       {exit_code::pending, "some failed again"},
                       {exit_code::failed, "failed"},
                       {exit_code::usage, "the command line or sluice.toml is wrong"}},
        .define = [](CLI::App& app) -> Run {
            const auto options = std::make_shared<Options>();
            app.add_option("WHAT", options->verb, "list, retry or waive")
                ->check(CLI::IsMember({"list", "retry", "waive"}));
            app.add_option("RUN", options->run,
                           "its number; not needed where only one has such rows");
            app.add_option("--key", options->key, "only this row")->type_name("KEY");
            return [options](Workspace& workspace) { return run(*options, workspace); };
        }};
}

} // namespace sluice
