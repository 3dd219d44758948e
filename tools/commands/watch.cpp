#include "commands/commands.h"
#include "exit_code.h"
#include "lookout.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "watch_screen.h"
#include "workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sluice {

namespace {

constexpr Milliseconds interval{1'000};
constexpr int plain_every = 5; ///< intervals between two lines where nothing but the count changed

bool is_over(const RunRecord& run)
{
    return run.state == RunState::done || run.state == RunState::cancelled ||
           run.state == RunState::failed;
}

/// What makes a new line worth printing at once.
std::string condition_of(const std::vector<RunRecord>& runs)
{
    std::string text;
    for (const RunRecord& run : runs) {
        text += fmt::format("{} {} {} {}\n", run.id, state_of(run), run.pass, run.wait_reason);
    }
    return text;
}

struct Seen {
    std::vector<RunRecord> runs;
    BrakeRecord brake;

    [[nodiscard]] bool has_ended() const { return std::all_of(runs.begin(), runs.end(), is_over); }
};

Seen look(Workspace& workspace, Session& session)
{
    if (!workspace.has_state(session)) {
        return {};
    }
    return {Runs(session).all(), read_brake(session)};
}

void print(Workspace& workspace, const Seen& seen)
{
    workspace.print(brake_text(seen.brake, workspace.output()) +
                        runs_text(seen.runs, workspace.output()),
                    runs_json(seen.runs, seen.brake));
}

void watch_plainly(Workspace& workspace, Lookout& lookout)
{
    std::string last_condition;
    for (int round = 0; !workspace.stop().stop_requested(); ++round) {
        const bool was_away = !lookout.trouble().empty();
        const auto seen = lookout.look([&](Session& session) { return look(workspace, session); });
        if (!seen && !was_away) {
            workspace.print(lookout.trouble() + "\n", event_json(Note{lookout.trouble()}));
        }
        std::string condition = seen ? condition_of(seen->runs) : lookout.trouble();
        if (seen && (was_away || seen->has_ended() || condition != last_condition ||
                     round % plain_every == 0)) {
            print(workspace, *seen);
        }
        if (seen && seen->has_ended()) {
            return;
        }
        last_condition = std::move(condition);
        workspace.clock().sleep(interval, workspace.stop());
    }
}

void watch_live(Workspace& workspace, Lookout& lookout)
{
    const auto seen = [&] {
        return lookout.look([&](Session& session) { return look(workspace, session); });
    };
    const auto before = seen();
    if (before && !before->has_ended()) {
        watch_on_screen(workspace, lookout);
    }
    if (const auto after = seen()) {
        print(workspace, *after); // stays when the screen is put back
    } else {
        workspace.print(lookout.trouble() + "\n", event_json(Note{lookout.trouble()}));
    }
}

int run(Workspace& workspace)
{
    (void)workspace.open(); // what is out of reach from the start is most likely a wrong name
    Lookout lookout(workspace);
    const bool is_live = workspace.output().is_live() && !workspace.options().json &&
                         !workspace.options().no_progress;
    if (is_live) {
        watch_live(workspace, lookout);
    } else {
        watch_plainly(workspace, lookout);
    }
    return exit_code::done;
}

} // namespace

Command watch_command()
{
    return {.name = "watch",
            .group = CommandGroup::on_call,
            .interrupt = Interrupt::after_batch,
            .summary = "the backfills as they go, until all have ended or you leave",
            .details = "On a terminal: the whole screen. Enter or a run's number opens one with "
                       "its ranges, rates, signals and last\nevents; p pauses, r resumes, + and - "
                       "make it faster and slower; q goes back and quits. In a pipe: the\ntable at "
                       "each change and every five seconds.",
            .examples = {"sluice watch", "sluice watch --env production --json | jq .runs"},
            .exit_codes = {{exit_code::done, "every run has ended, q, or Ctrl-C"},
                           {exit_code::failed, "failed"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
