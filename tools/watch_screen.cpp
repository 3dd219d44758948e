#include "watch_screen.h"

#include "ask.h"
#include "full_screen.h"
#include "sluice/core/error.h"
#include "watch_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr Milliseconds interval{1'000};
constexpr Milliseconds slice{100}; ///< the longest wait without a look at the size and at signals
constexpr int events_shown = 6;

bool is_over(const RunRecord& run)
{
    return run.state == RunState::done || run.state == RunState::cancelled ||
           run.state == RunState::failed;
}

Pace faster(const Pace& before)
{
    constexpr std::int64_t most_rows = 100'000;
    Pace pace = before;
    pace.batch_max = std::max(before.batch_max, std::min(before.batch_max * 2, most_rows));
    pace.sleep = before.sleep / 2;
    pace.duty = std::min(before.duty * 1.5, 1.0);
    return pace;
}

Pace slower(const Pace& before)
{
    constexpr std::int64_t least_rows = 10;
    constexpr Milliseconds longest_sleep{10'000};
    constexpr double least_duty = 0.01;
    Pace pace = before;
    pace.batch_max = std::min(before.batch_max, std::max(before.batch_max / 2, least_rows));
    pace.batch_rows = std::min(before.batch_rows, pace.batch_max);
    pace.sleep =
        std::max(before.sleep, std::min(before.sleep * 2 + Milliseconds{10}, longest_sleep));
    pace.duty = std::min(before.duty, std::max(before.duty / 1.5, least_duty));
    return pace;
}

class WatchScreen {
public:
    WatchScreen(Workspace& workspace, Lookout& lookout)
        : workspace_(workspace), lookout_(lookout), screen_(workspace.output())
    {
    }

    void run()
    {
        while (!workspace_.stop().stop_requested() && !is_left_) {
            const auto goes_on = lookout_.look([this](Session& session) { return look(session); });
            if (goes_on == false) {
                return;
            }
            draw();
            wait();
        }
    }

private:
    /// False: all have ended.
    bool look(Session& session);
    void look_at_opened(Session& session);
    void draw();
    void wait();
    void obey(char key);
    void move(char key);
    void open();
    void back();
    void ask(char key);
    [[nodiscard]] const RunRecord* meant() const;

    Workspace& workspace_;
    Lookout& lookout_;
    FullScreen screen_;
    Rates rates_;
    std::vector<RunRecord> runs_;
    BrakeRecord brake_;
    std::size_t selected_ = 0;
    std::optional<std::int64_t> opened_;
    std::optional<Explanation> found_; ///< of the run that is opened
    std::vector<LedgerEntry> events_;  ///< its last ones
    std::string said_;                 ///< what the last key has done
    bool is_left_ = false;
};

bool WatchScreen::look(Session& session)
{
    runs_ = Runs(session).all();
    brake_ = read_brake(session);
    rates_.add(runs_, workspace_.clock().steady_now());
    selected_ = std::min(selected_, runs_.empty() ? 0 : runs_.size() - 1);
    look_at_opened(session);
    return !std::all_of(runs_.begin(), runs_.end(), is_over);
}

void WatchScreen::look_at_opened(Session& session)
{
    found_.reset();
    if (const RunRecord* run = meant(); opened_ && run != nullptr) {
        events_ = read_ledger(session, events_shown, fmt::format("run {}", run->id));
        found_ = explain(session, run->id);
    }
}

const RunRecord* WatchScreen::meant() const
{
    const auto found = std::find_if(runs_.begin(), runs_.end(),
                                    [this](const RunRecord& run) { return run.id == opened_; });
    if (found != runs_.end()) {
        return &*found;
    }
    return runs_.empty() ? nullptr : &runs_[selected_];
}

/// While the database is away: what was seen last.
void WatchScreen::draw()
{
    const std::string keys = "p pause  r resume  + faster  - slower";
    const std::string& told = lookout_.trouble().empty() ? said_ : lookout_.trouble();
    const std::string said = told.empty() ? "" : told + "   ";
    if (found_) {
        screen_.draw(run_frame({*found_, brake_, events_}, rates_, workspace_.output()),
                     said + keys + "  q back");
        return;
    }
    screen_.draw(list_frame({runs_, brake_, selected_}, rates_, workspace_.output()),
                 said + "Enter opens  " + keys + "  q quit");
}

/// Until it is time to look again: at once after a key, or when the window was resized.
void WatchScreen::wait()
{
    for (Milliseconds waited{0}; waited < interval; waited += slice) {
        if (const std::optional<char> key = screen_.read_key(slice)) {
            return obey(*key);
        }
        if (screen_.is_resized() || workspace_.stop().stop_requested()) {
            return;
        }
    }
}

void WatchScreen::obey(char key)
{
    said_.clear();
    if (key == key::interrupt) {
        is_left_ = true;
    } else if (key == 'q' || key == key::escape) {
        back();
    } else if (key == key::enter) {
        open();
    } else if (key == 'p' || key == 'r' || key == '+' || key == '-') {
        ask(key);
    } else {
        move(key);
    }
}

void WatchScreen::move(char key)
{
    if (key == key::up || key == 'k') {
        selected_ -= selected_ > 0 ? 1 : 0;
    } else if (key == key::down || key == 'j') {
        ++selected_; // look() keeps it within the list
    } else if (key >= '0' && key <= '9') {
        const auto found = std::find_if(runs_.begin(), runs_.end(), [key](const RunRecord& run) {
            return run.id == key - '0';
        });
        if (found != runs_.end()) {
            opened_ = found->id;
        }
    }
}

void WatchScreen::open()
{
    if (!runs_.empty()) {
        opened_ = runs_[selected_].id;
    }
}

void WatchScreen::back()
{
    is_left_ = !opened_.has_value();
    opened_.reset();
}

void WatchScreen::ask(char key)
{
    const RunRecord* run = meant();
    if (run == nullptr) {
        return;
    }
    try {
        const auto answer = lookout_.look([&](Session& session) {
            if (key == 'p' || key == 'r') {
                return ask_of(workspace_, session, *run,
                              key == 'p' ? Desired::paused : Desired::running);
            }
            auto* const change = key == '+' ? faster : slower;
            return fmt::format("run {}: {}", run->id,
                               text_of(change_pace(workspace_, session, run->id, change)));
        });
        said_ = answer.value_or("the database did not answer: look whether it was done");
    } catch (const Error& error) {
        if (error.kind == ErrorKind::connection) {
            throw;
        }
        said_ = error.message;
    }
}

} // namespace

void watch_on_screen(Workspace& workspace, Lookout& lookout)
{
    WatchScreen(workspace, lookout).run();
}

} // namespace sluice
