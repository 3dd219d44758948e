#include "sluice/backfill/watch.h"

#include "sluice/state/brake.h"

#include <fmt/format.h>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds look_every{100};
constexpr std::chrono::seconds observe_every{1};

} // namespace

Watch::Watch(Attempts& attempts, WorkerConnections& connections, Clock& clock, Listener& listener,
             std::int64_t run, WhilePaused while_paused)
    : attempts_(attempts)
    , connections_(connections)
    , clock_(clock)
    , listener_(listener)
    , while_paused_(while_paused)
{
    run_.id = run;
}

void Watch::look()
{
    Runs runs(connections_.control());
    const auto found = runs.find(run_.id);
    if (!found) {
        throw Error(ErrorKind::usage, fmt::format("there is no run {}", run_.id));
    }
    run_ = *found;
    range_ = token_.empty() ? RangeRecord{}
                            : Ranges(connections_.control())
                                  .find(run_.id, ordinal_)
                                  .value_or(RangeRecord{}); // gone: another pass has begun
}

void Watch::look_until_seen()
{
    attempts_.run("look at the run", [this] { look(); });
}

/// Why no batch may run now; empty: one may.
std::string Watch::reason_to_wait()
{
    return wished_wait(run_, read_brake(connections_.control()));
}

void Watch::note_wait(const std::string& reason)
{
    if (told_reason_ == reason) {
        return;
    }
    attempts_.run("note the wait", [&] {
        Ranges(connections_.control()).release(held());
        observe(run_.desired == Desired::paused ? RunState::paused : RunState::waiting, reason);
    });
    tell_waiting(reason);
}

Wish Watch::obey()
{
    for (;;) {
        const std::string reason = attempts_.run("look at the run", [this] {
            look();
            return run_.desired == Desired::cancelled ? std::string() : reason_to_wait();
        });
        if (reason.empty()) {
            break;
        }
        note_wait(reason);
        if (while_paused_ == WhilePaused::leave) {
            throw Error(ErrorKind::interrupted, reason);
        }
        attempts_.sleep(look_every);
    }
    tell_waiting({});
    if (run_.desired != Desired::cancelled) {
        return Wish::go_on;
    }
    attempts_.run("note the cancellation", [this] {
        Ranges(connections_.control()).release(held());
        observe(RunState::cancelled);
    });
    return Wish::cancel;
}

void Watch::observe(RunState state, std::string_view wait_reason)
{
    Runs(connections_.control()).observe(run_.id, state, wait_reason);
    if (retries_ > 0) {
        Ranges(connections_.control()).add_retries(held(), retries_);
        retries_ = 0;
    }
    observed_at_ = clock_.steady_now();
}

void Watch::observe_progress(const Rhythm& rhythm)
{
    if (clock_.steady_now() - observed_at_ >= observe_every) {
        attempts_.run("note the progress", [&] {
            observe(RunState::running);
            Ranges(connections_.control()).note_rhythm(held(), rhythm);
        });
    }
}

void Watch::tell_waiting(std::string_view reason)
{
    if (told_reason_ != reason) {
        told_reason_ = reason;
        listener_.on(Waiting{.run = run_.id, .reason = told_reason_});
    }
}

void Watch::add(const BatchResult& result)
{
    range_.cursor = result.cursor;
    run_.rows_scanned += result.rows_scanned;
    run_.rows_changed += result.rows_changed;
    run_.pace = result.pace;
}

void Watch::release() noexcept
{
    try {
        if (!token_.empty()) {
            Ranges(connections_.control()).release(held());
        }
    } catch (const std::exception&) {
        // The connection is gone, or the database is: the lease ends by itself.
    }
}

void Watch::give_up(const Error& error) noexcept
{
    release();
    try {
        Runs runs(connections_.control());
        if (error.kind != ErrorKind::interrupted) {
            runs.observe(run_.id, RunState::failed, {}, error.message);
        } else if (told_reason_.empty()) {
            runs.observe(run_.id, RunState::waiting, "interrupted: no worker");
        }
    } catch (const std::exception&) {
        // The connection is gone, or the database is: the error that led here says more.
    }
}

} // namespace sluice
