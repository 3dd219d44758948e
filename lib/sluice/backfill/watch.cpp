#include "sluice/backfill/watch.h"

#include "sluice/db/transaction.h"
#include "sluice/state/brake.h"
#include "sluice/state/ledger.h"
#include "sluice/throttle/throttle.h"

#include <fmt/format.h>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds look_every{100};
constexpr std::chrono::seconds observe_every{1};

/// Not every engine's servers can be told apart: each may have a database of this name with a run
/// of this number in it.
bool is_the_same(const RunRecord& a, const RunRecord& b)
{
    return a.version == b.version && a.ordinal == b.ordinal && a.hash == b.hash &&
           a.created_at == b.created_at;
}

} // namespace

Watch::Watch(Attempts& attempts, WorkerConnections& connections, Clock& clock, Listener& listener,
             std::int64_t run, WhilePaused while_paused, SharedMonitor& monitor)
    : attempts_(attempts)
    , connections_(connections)
    , clock_(clock)
    , listener_(listener)
    , while_paused_(while_paused)
    , monitor_(monitor)
{
    run_.id = run;
}

std::optional<RunRecord> Watch::find_run()
{
    const bool is_known = !run_.created_at.empty();
    std::optional<RunRecord> found;
    try {
        found = Runs(connections_.control()).find(run_.id);
    } catch (const Error& error) {
        if (!is_known || error.details.cause != Cause::unknown_object) {
            throw; // but a database without the table has no run either
        }
    }
    if (is_known && !(found && is_the_same(run_, *found))) {
        throw Error(ErrorKind::refused,
                    fmt::format("run {} on table \"{}\" is gone: it was taken back, or another "
                                "database answers now",
                                run_.id, display(run_.table)),
                    {.hint = "Check where the URL leads and what was done: sluice log."});
    }
    return found;
}

void Watch::look()
{
    const std::optional<RunRecord> found = find_run();
    if (!found) {
        throw Error(ErrorKind::usage, fmt::format("there is no run {}", run_.id));
    }
    run_ = *found;
    monitor_.follow(run_);
    range_ = token_.empty() ? RangeRecord{}
                            : Ranges(connections_.control())
                                  .find(run_.id, ordinal_)
                                  .value_or(RangeRecord{}); // gone: another pass has begun
}

void Watch::look_until_seen()
{
    attempts_.run("look at the run", [this] { look(); });
}

Watch::Wait Watch::what_to_wait_for()
{
    if (run_.desired == Desired::cancelled || run_.state == RunState::done) {
        return {}; // others have done what was left: nothing is waited for
    }
    note_signals(); // people who let the run wait want to see them as well
    if (std::string wish = wished_wait(run_, read_brake(connections_.control())); !wish.empty()) {
        monitor_.give_up_vacuum();
        return {Wait::By::people, std::move(wish)};
    }
    const Decision decision = monitor_.decision();
    if (decision.is_critical) {
        pause_critical(decision);
        return {Wait::By::people, "paused"};
    }
    monitor_.see_to_vacuum(run_, decision);
    const std::string names = monitor_.names(decision);
    return names.empty() ? Wait{} : Wait{Wait::By::signals, "throttled by " + names};
}

/// At most once a second, and only what is new.
void Watch::note_signals()
{
    if (!speaks_ || clock_.steady_now() - signals_noted_at_ < observe_every) {
        return;
    }
    const Decision decision = monitor_.decision();
    const std::string signals = decision.signals.empty() ? "" : decision_json(decision);
    if (signals != noted_signals_) {
        Runs(connections_.control()).note_signals(run_.id, signals);
        noted_signals_ = signals;
    }
    signals_noted_at_ = clock_.steady_now();
}

/// What is critical does not go on by itself when it has passed: a person looks first.
void Watch::pause_critical(const Decision& decision)
{
    Session& session = connections_.control();
    Transaction transaction(session);
    const Desired before = Runs(session).ask(run_.id, Desired::paused);
    append_ledger(session, current_actor(),
                  {.verb = "pause",
                   .object = fmt::format("run {}", run_.id),
                   .from = std::string(name_of(before)),
                   .to = std::string(name_of(Desired::paused)),
                   .reason = "critical: " + reasons_text(decision),
                   .evidence = decision_json(decision)});
    transaction.commit();
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
        const Wait wait = attempts_.run("look at the run", [this] {
            look();
            return what_to_wait_for();
        });
        if (wait.by == Wait::By::nobody) {
            break;
        }
        note_wait(wait.reason);
        if (while_paused_ == WhilePaused::leave && wait.by == Wait::By::people) {
            throw Error(ErrorKind::interrupted, wait.reason);
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
    has_noted_failure_ = false;
    observed_at_ = clock_.steady_now();
}

/// Not the first time: most of what fails once succeeds then, sooner than anybody looks.
void Watch::note_failure(const Error& error, int attempt) noexcept
{
    ++retries_;
    if (attempt == 1 || error.details.cause == Cause::connection_lost) {
        return;
    }
    try {
        Session& session = connections_.control();
        Sql sql = session.dialect().sql();
        sql << "UPDATE " << session.dialect().state_table("run") << " SET last_error = ";
        sql.bind(error.message) << " WHERE id = ";
        sql.bind(static_cast<long long>(run_.id));
        session.execute(sql.take());
        has_noted_failure_ = true;
    } catch (const std::exception&) {
        // The next attempt tells what is the matter.
    }
}

void Watch::observe_progress(const Rhythm& rhythm)
{
    if (has_noted_failure_ || clock_.steady_now() - observed_at_ >= observe_every) {
        attempts_.run("note the progress", [&] {
            observe(RunState::running);
            note_signals();
            Ranges(connections_.control()).note_rhythm(held(), rhythm);
            look(); // a worker that never rests is to hear of changed rules, too
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
