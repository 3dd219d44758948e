#include "outcome.h"

#include "exit_code.h"
#include "sluice/report/json.h"

#include <fmt/format.h>

namespace sluice {

std::vector<ExitCode> exit_codes_of_work(const std::string& done)
{
    return {
        {exit_code::done, done},
        {exit_code::pending, "somebody cancelled the run; its checkpoint is kept"},
        {exit_code::failed, "failed; what had been done is recorded, the command can be repeated"},
        {exit_code::refused, "refused: unsafe, or the gate is closed"},
        {exit_code::held, "another runner holds the database"},
        {exit_code::usage, "the command line or sluice.toml is wrong"},
        {exit_code::interrupted, "interrupted; the checkpoint is kept"}};
}

std::vector<ExitCode> exit_codes_of_asking(const std::string& done)
{
    return {{exit_code::done, done},
            {exit_code::failed, "failed"},
            {exit_code::refused, "refused"},
            {exit_code::usage, "the command line or sluice.toml is wrong"}};
}

RunEnd take_each(const std::vector<const Migration*>& chosen,
                 const std::function<RunEnd(const Migration&)>& step)
{
    RunEnd end = RunEnd::done;
    for (const Migration* migration : chosen) {
        end = step(*migration);
        if (end != RunEnd::done) {
            break;
        }
    }
    return end;
}

int conclude(Workspace& workspace, const Outcome& outcome)
{
    const auto print = [&](const std::string& result, const std::string& text) {
        if (workspace.options().json || !text.empty()) {
            workspace.print(text + "\n", result_json(outcome.command, result, text));
        }
    };
    switch (outcome.end) {
    case RunEnd::done:
        print("done", outcome.done);
        return exit_code::done;
    case RunEnd::interrupted:
        print("interrupted",
              fmt::format("interrupted; the checkpoint is kept. Go on with: sluice {}; go back "
                          "with: sluice rollback",
                          outcome.command));
        return exit_code::interrupted;
    case RunEnd::cancelled:
        print("cancelled", fmt::format("cancelled; the checkpoint is kept. Go on with: sluice "
                                       "resume, then sluice {}; go back with: sluice rollback",
                                       outcome.command));
        return exit_code::pending;
    }
    return exit_code::failed;
}

} // namespace sluice
