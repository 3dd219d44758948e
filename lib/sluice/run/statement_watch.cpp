#include "sluice/run/statement_watch.h"

#include "sluice/db/statement_progress.h"

#include <exception>
#include <utility>

namespace sluice {

namespace {

constexpr Milliseconds between_looks{1'000};
constexpr Milliseconds between_cancels{100};

SessionOptions options_of_eyes()
{
    return {.purpose = "watch",
            .statement_timeout = Milliseconds{2'000},
            .connect_timeout = Milliseconds{5'000}};
}

} // namespace

StatementWatch::StatementWatch(Session& session, Means means)
    : session_(session)
    , means_(means)
    , thread_([this](const std::stop_token& ends) { watch(ends); })
{
}

void StatementWatch::over(Subject subject, const std::function<void()>& statement)
{
    Watched watched{.subject = std::move(subject),
                    .connection_id = session_.connection_id(),
                    .since = means_.clock.steady_now()};
    begin(watched);
    const std::stop_callback on_stop(means_.stop, [&watched] { watched.wake.request_stop(); });

    struct End {
        StatementWatch& watch;

        ~End() { watch.end(); }
    };

    const End end{*this};
    statement();
}

std::string StatementWatch::take_blocker()
{
    const std::scoped_lock lock(mutex_);
    return std::exchange(blocker_, {});
}

void StatementWatch::begin(const Watched& watched)
{
    const std::scoped_lock lock(mutex_);
    watched_ = watched; // the stop sources are shared with it
    watched_->number = ++number_;
    blocker_.clear();
    begun_.notify_all();
}

void StatementWatch::end()
{
    const std::scoped_lock lock(mutex_);
    watched_->over.request_stop();
    watched_->wake.request_stop();
    watched_.reset();
}

bool StatementWatch::runs(std::int64_t number)
{
    const std::scoped_lock lock(mutex_);
    return watched_ && watched_->number == number;
}

void StatementWatch::watch(const std::stop_token& ends)
{
    for (;;) {
        std::optional<Watched> present;
        {
            std::unique_lock lock(mutex_);
            const auto is_next = [this] { return watched_.has_value(); };
            if (!begun_.wait(lock, ends, is_next)) {
                return;
            }
            present = watched_;
        }
        watch_one(*present);
    }
}

void StatementWatch::watch_one(const Watched& watched)
{
    const bool may_end = watched.subject.on_stop == OnStop::ended;
    const std::stop_token wake = may_end ? watched.wake.get_token() : watched.over.get_token();
    for (Milliseconds wait = means_.first_look; runs(watched.number); wait = between_looks) {
        means_.clock.sleep(wait, wake);
        if (may_end && means_.stop.stop_requested()) {
            break;
        }
        look(watched);
    }
    // What was not yet on its way when it was told to end has to be told again.
    while (cancel(watched)) {
        means_.clock.sleep(between_cancels, watched.over.get_token());
    }
}

/// While this thread tells the server, the session does not go on to its next statement, which is
/// not the one that is meant.
bool StatementWatch::cancel(const Watched& watched)
{
    const std::scoped_lock lock(mutex_);
    if (!watched_ || watched_->number != watched.number) {
        return false;
    }
    try {
        session_.cancel();
    } catch (const std::exception&) {
        // Nothing answers: it is told again as long as it runs.
    }
    return true;
}

void StatementWatch::look(const Watched& watched)
{
    if (!runs(watched.number)) {
        return;
    }
    std::optional<StatementProgress> progress;
    try {
        if (!eyes_ && session_.dialect().capabilities().terminates_sessions) {
            eyes_.emplace(means_.connect(options_of_eyes()));
        }
        if (eyes_) {
            progress = statement_progress(*eyes_, watched.connection_id, watched.subject.tables);
        }
    } catch (const std::exception&) {
        eyes_.reset(); // the work goes on without being looked at
    }
    StatementGoesOn event = watched.subject.event;
    event.elapsed =
        std::chrono::duration_cast<std::chrono::seconds>(means_.clock.steady_now() - watched.since);
    if (progress) {
        event.doing = progress->doing;
        event.done = progress->done;
        event.total = progress->total;
        event.unit = progress->unit;
        event.waits_for = progress->waits_for;
    }
    const std::scoped_lock lock(mutex_);
    if (watched_ && watched_->number == watched.number) {
        blocker_ = event.waits_for;
        means_.listener.on(event);
    }
}

} // namespace sluice
