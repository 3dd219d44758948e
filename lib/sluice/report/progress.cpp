#include "sluice/report/progress.h"

#include "sluice/report/json.h"
#include "sluice/report/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr Milliseconds redraw_interval{200};
constexpr Milliseconds plain_interval{5'000};
constexpr Milliseconds json_interval{1'000};

std::string bar(const BatchDone& batch)
{
    constexpr int cells = 10;
    const double share = batch.estimated_rows > 0 ? static_cast<double>(batch.rows_scanned) /
                                                        static_cast<double>(batch.estimated_rows)
                                                  : 0.0;
    const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * cells);
    std::string text = "[" + std::string(static_cast<std::size_t>(full), '=');
    if (full < cells) {
        text += ">" + std::string(static_cast<std::size_t>(cells - full - 1), ' ');
    }
    return text + "]";
}

std::string time_left(const BatchDone& batch)
{
    const std::int64_t rows = batch.estimated_rows - batch.rows_scanned;
    if (rows <= 0 || batch.rows_per_second <= 0) {
        return "";
    }
    const auto seconds =
        static_cast<std::int64_t>(static_cast<double>(rows) / batch.rows_per_second) + 1;
    // An estimate: tenths of a second would promise too much.
    return seconds < 60 ? fmt::format("  {} s left", seconds)
                        : fmt::format("  {} left", readable(std::chrono::seconds(seconds)));
}

/// Nothing has been measured yet after the first batch.
std::string rate_of(const BatchDone& batch, std::string_view separator)
{
    const auto rate = static_cast<std::int64_t>(batch.rows_per_second);
    return rate > 0 ? fmt::format("{}{} rows/s", separator, readable(rate)) : "";
}

class JsonProgress final : public Listener {
public:
    JsonProgress(Output& output, Clock& clock) : output_(output), batches_(clock, json_interval) {}

    void on(const Event& event) override
    {
        const std::scoped_lock lock(mutex_);
        if (!std::holds_alternative<BatchDone>(event)) {
            batches_.reset();
        } else if (!batches_.lets_through()) {
            return;
        }
        output_.write(event_json(event));
    }

private:
    std::mutex mutex_;
    Output& output_;
    Thinner batches_;
};

class SilentProgress final : public Listener {
public:
    void on(const Event&) override {}
};

/// Lines that stay, and where the output can redraw, one that does not.
class TextProgress final : public Listener {
public:
    TextProgress(Output& output, Clock& clock, bool is_live)
        : output_(output)
        , is_live_(is_live)
        , batches_(clock, is_live ? redraw_interval : plain_interval)
        , statements_(clock, is_live ? redraw_interval : plain_interval)
    {
    }

    TextProgress(const TextProgress&) = delete;
    TextProgress& operator=(const TextProgress&) = delete;

    ~TextProgress() override { clear(); }

    void on(const Event& event) override
    {
        const std::scoped_lock lock(mutex_);
        std::visit([this](const auto& what) { show(what); }, event);
    }

private:
    void show(const StateChanged& what)
    {
        say(fmt::format("{} {}: {} -> {}", what.version, what.name, what.from,
                        output_.paint(Ink::bold, what.to)));
    }

    void show(const ActionStarted& what)
    {
        waits_.clear();
        batches_.reset();
        redraw(fmt::format("  {:>3}  {}{} …", what.ordinal,
                           what.direction == Direction::undo ? "undo: " : "", what.summary));
    }

    void show(const ActionFinished& what)
    {
        finish_run();
        say(fmt::format("  {:>3}  {}{} ({})", what.ordinal,
                        what.direction == Direction::undo ? "undo: " : "", what.summary,
                        what.was_done_before ? "was in effect" : readable(what.took)));
    }

    void show(const ActionFailed& what)
    {
        say(fmt::format("  {:>3}  {}{} {}: {}", what.ordinal,
                        what.direction == Direction::undo ? "undo: " : "", what.summary,
                        output_.paint(Ink::bad, "failed"), what.error));
    }

    void show(const BatchDone& what)
    {
        last_batch_ = what;
        has_batch_ = true;
        if (!batches_.lets_through()) {
            return;
        }
        draw_batch();
    }

    void show(const Waiting& what)
    {
        const bool is_over = what.reason.empty();
        waits_ = what.reason;
        batches_.reset();
        if (!is_live_) {
            say(is_over ? fmt::format("       run {} goes on", what.run)
                        : fmt::format("       run {} waits: {}", what.run, what.reason));
            return;
        }
        if (has_batch_) {
            draw_batch();
        } else if (!is_over) {
            redraw("       waits: " + what.reason);
        }
    }

    /// A lock is looked for again every two seconds: nobody needs to read each time of hundreds.
    void show(const Retrying& what)
    {
        constexpr int first = 5;
        constexpr int then_every = 10;
        if (what.attempt > first && what.attempt % then_every != 0) {
            return;
        }
        say(output_.paint(Ink::faint,
                          fmt::format("       {}: attempt {} failed ({}); trying again in {}",
                                      what.what, what.attempt, what.error,
                                      readable(std::chrono::microseconds(what.delay)))));
    }

    /// An index is built for hours: on a terminal a line that moves, else one every few seconds.
    void show(const StatementGoesOn& what)
    {
        if (!statements_.lets_through()) {
            return;
        }
        const std::string line = "       " + statement_line(what);
        if (is_live_) {
            redraw(line);
        } else {
            output_.write(line + "\n");
        }
    }

    void show(const Note& what) { say("  note: " + what.text); }

    void draw_batch()
    {
        const std::string line =
            fmt::format("       {}  {}", last_batch_.table, progress_line(last_batch_, waits_));
        if (is_live_) {
            redraw(line);
        } else {
            output_.write(line + "\n");
        }
    }

    /// The last figures of a run stay on the screen.
    void finish_run()
    {
        if (has_batch_) {
            waits_.clear();
            say(fmt::format("       {}  {} looked at, {} changed{}", last_batch_.table,
                            counted(last_batch_.rows_scanned, "row"),
                            readable(last_batch_.rows_changed), rate_of(last_batch_, ", ")));
            has_batch_ = false;
        }
        batches_.reset();
    }

    void say(const std::string& line)
    {
        clear();
        output_.write(line + "\n");
    }

    void redraw(const std::string& line)
    {
        if (!is_live_) {
            return;
        }
        const auto width = static_cast<std::size_t>(std::max(20, output_.width() - 1));
        output_.write("\r\x1b[K" + shorten(line, width));
        is_drawn_ = true;
    }

    void clear()
    {
        if (is_drawn_) {
            output_.write("\r\x1b[K");
            is_drawn_ = false;
        }
    }

    std::mutex mutex_;
    Output& output_;
    bool is_live_;
    Thinner batches_;
    Thinner statements_;
    BatchDone last_batch_;
    bool has_batch_ = false;
    bool is_drawn_ = false;
    std::string waits_;
};

} // namespace

std::string progress_line(const BatchDone& batch, const std::string& waits)
{
    std::string text;
    if (batch.pass > 1) {
        text = fmt::format("sweep {}  {}", batch.pass, counted(batch.rows_scanned, "row"));
    } else {
        // A narrow terminal cuts the end off: what is asked for most stands first.
        text = fmt::format("{} {:>5}{}  {} of {}", bar(batch),
                           percent(batch.rows_scanned, batch.estimated_rows),
                           waits.empty() ? time_left(batch) : "", readable(batch.rows_scanned),
                           counted(std::max(batch.estimated_rows, batch.rows_scanned), "row"));
    }
    text += rate_of(batch, "  ");
    if (!waits.empty()) {
        return text + "  waits: " + waits;
    }
    return text + fmt::format("  {}-row batches of {}", readable(batch.batch_rows),
                              readable(batch.batch_time));
}

std::string statement_line(const StatementGoesOn& what)
{
    std::string text = what.doing.empty() ? what.summary : what.doing;
    if (what.total > 0) {
        text += "  " + percent(what.done, what.total);
        text += what.unit == "%" ? ""
                                 : fmt::format("  {} of {} {}", readable(what.done),
                                               readable(what.total), what.unit);
    }
    text += "  " + readable(what.elapsed);
    return what.waits_for.empty() ? text : text + "  waits for a lock " + what.waits_for;
}

std::unique_ptr<Listener> make_progress(ProgressStyle style, Output& output, Clock& clock)
{
    switch (style) {
    case ProgressStyle::live:
        return std::make_unique<TextProgress>(output, clock, true);
    case ProgressStyle::plain:
        return std::make_unique<TextProgress>(output, clock, false);
    case ProgressStyle::json:
        return std::make_unique<JsonProgress>(output, clock);
    case ProgressStyle::silent:
        return std::make_unique<SilentProgress>();
    }
    return std::make_unique<SilentProgress>();
}

} // namespace sluice
