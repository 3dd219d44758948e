#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/report/json.h"
#include "sluice/report/readable.h"
#include "sluice/report/text.h"
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

/// Draws over what it drew before.
class Screen {
public:
    explicit Screen(Output& output) : output_(output) {}

    void draw(const std::string& text)
    {
        const auto width = static_cast<std::size_t>(output_.width());
        std::string frame = lines_ > 0 ? fmt::format("\x1b[{}A\x1b[J", lines_) : "";
        lines_ = 0;
        for (std::size_t begin = 0; begin < text.size(); ++lines_) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            frame += shorten(std::string_view(text).substr(begin, end - begin), width - 1) + "\n";
            begin = end + 1;
        }
        output_.write(frame);
    }

private:
    Output& output_;
    int lines_ = 0;
};

int run(Workspace& workspace)
{
    Session session = workspace.open();
    Screen screen(workspace.output());
    const bool is_live = workspace.output().is_live() && !workspace.options().json &&
                         !workspace.options().no_progress;
    std::string last_condition;
    for (int round = 0; !workspace.stop().stop_requested(); ++round) {
        const bool has_state = workspace.has_state(session);
        const std::vector<RunRecord> runs =
            has_state ? Runs(session).all() : std::vector<RunRecord>{};
        const BrakeRecord brake = has_state ? read_brake(session) : BrakeRecord{};
        std::string condition = condition_of(runs);
        const bool is_end = std::all_of(runs.begin(), runs.end(), is_over);
        if (is_live) {
            screen.draw(brake_text(brake, workspace.output()) +
                        runs_text(runs, workspace.output()));
        } else if (is_end || condition != last_condition || round % plain_every == 0) {
            workspace.print(brake_text(brake, workspace.output()) +
                                runs_text(runs, workspace.output()),
                            runs_json(runs, brake));
        }
        if (is_end) {
            break;
        }
        last_condition = std::move(condition);
        workspace.clock().sleep(interval, workspace.stop());
    }
    return exit_code::done;
}

} // namespace

Command watch_command()
{
    return {.name = "watch",
            .group = CommandGroup::on_call,
            .interrupt = Interrupt::after_batch,
            .summary = "the backfills as they go, until all have ended or Ctrl-C",
            .details = "On a terminal the table is redrawn each second; in a pipe it is printed at "
                       "each change and every\nfive seconds. Watching changes nothing.",
            .examples = {"sluice watch", "sluice watch --env production --json"},
            .exit_codes = {{exit_code::done, "every run has ended, or Ctrl-C"},
                           {exit_code::failed, "failed"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
