#include "sluice/run/steps.h"

#include "sluice/core/error.h"
#include "sluice/db/brief_lock.h"
#include "sluice/db/server_identity.h"
#include "sluice/run/leftovers.h"
#include "sluice/run/lock_scopes.h"
#include "sluice/run/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>

namespace sluice {

void Steps::run()
{
    if (of_.work.mode == Mode::locked) {
        run_locked();
        return;
    }
    std::size_t finished = 0; // that have run, in this try or one before it
    workplace_.with_retries(
        of_.action.summary,
        [&] {
            for (std::size_t n = 0; n < of_.work.steps.size(); ++n) {
                const Step& step = of_.work.steps[n];
                if (n < finished && step.done.empty()) {
                    continue;
                }
                // One that failed may have undone what those before it prepared.
                workplace_.confirm();
                run_one(step);
                finished = std::max(finished, n + 1);
            }
        },
        of_.action.tables);
}

void Steps::run_locked()
{
    refuse_other_writers();
    workplace_.with_retries(
        of_.action.summary,
        [&] {
            workplace_.confirm();
            const std::unique_ptr<TableLock> lock = lock_tables();
            for (const Step& step : of_.work.steps) {
                run_one(step);
            }
            lock->release();
        },
        of_.action.tables);
}

/// LOCK TABLES holds on one member of a Galera cluster. A write that comes from another one waits
/// for it there, and the statements that follow it wait for that write: for ever, and the whole
/// cluster with them (measured on MariaDB 10.11).
void Steps::refuse_other_writers()
{
    const int members = server_identity(session()).members;
    if (members > 1 && !workplace_.surroundings().options.single_writer) {
        throw Error(ErrorKind::refused,
                    fmt::format("the table has to be locked, and the server is one of {} members "
                                "of a Galera cluster: a write through another one would stop them "
                                "all",
                                members),
                    {.hint = "Let the application write through the member that sluice uses, or "
                             "through none, and say so with single_writer = true in [env.NAME] of "
                             "sluice.toml."});
    }
}

void Steps::run_one(const Step& step)
{
    if (!is_in_effect(session(), step)) {
        sweep_leftovers_of(step);
        execute(step);
    }
}

void Steps::execute(const Step& step)
{
    const auto send = [&] { workplace_.watch(subject(), [&] { session().execute(step.sql); }); };
    std::optional<LockPatience> patience;
    if (is_patient(step)) {
        patience.emplace(session(), std::nullopt, lock_timeout());
    } else if (takes_brief_lock(session().dialect(), step.sql) && went_through_at_once(send)) {
        return;
    }
    send();
}

/// Whoever comes while a lock is waited for waits behind it; and on MariaDB an application's
/// transaction that has read the table and goes on to write it is ended as the victim of a
/// deadlock, because the server never takes the change of a schema for one (measured). Where
/// nothing waits neither can be: the statement comes through when it finds the tables free.
bool Steps::went_through_at_once(const std::function<void()>& send)
{
    constexpr int tries = 100;
    const LockPatience none(session(), Milliseconds{0}, lock_timeout());
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<Milliseconds::rep> any_pause(3, 15);
    for (int n = 0; n < tries; ++n) {
        try {
            send();
            return true;
        } catch (const Error& error) {
            if (error.details.cause != Cause::lock_timeout) {
                throw;
            }
        }
        workplace_.surroundings().clock.sleep(Milliseconds(any_pause(random)),
                                              workplace_.surroundings().stop);
        workplace_.check_stop();
    }
    return false;
}

std::unique_ptr<TableLock> Steps::lock_tables()
{
    // A step may rename one of the action's tables: what has its name only then is not locked.
    const Catalog catalog = read_catalog(session(), of_.action.tables);
    std::vector<TableName> there;
    for (const Table& table : catalog.tables) {
        there.push_back(table.name);
    }
    std::unique_ptr<TableLock> lock;
    const auto take = [&] {
        workplace_.watch(subject(), [&] { lock = std::make_unique<TableLock>(session(), there); });
    };
    const std::string sql = session().dialect().lock_tables(there);
    if (!takes_brief_lock(session().dialect(), sql) || !went_through_at_once(take)) {
        take();
    }
    return lock;
}

/// Beside others in one transaction a statement would wait with what those have locked.
bool Steps::is_patient(const Step& step)
{
    const bool is_alone = of_.work.mode == Mode::standalone || of_.work.steps.size() == 1;
    return is_alone && session().dialect().is_patient(step.sql);
}

bool Steps::may_take_hours()
{
    return of_.work.steps.size() == 1 && is_patient(of_.work.steps.front());
}

StatementWatch::Subject Steps::subject() const
{
    return {.event = {.version = of_.version,
                      .ordinal = of_.action.ordinal,
                      .phase = std::string(name_of(of_.action.phase)),
                      .summary = of_.action.summary,
                      .direction = of_.direction},
            .tables = of_.action.tables,
            .on_stop = of_.work.mode == Mode::locked ? OnStop::left_to_finish : OnStop::ended};
}

/// What a build that did not end well has left hinders every write to the table, and another try.
void Steps::sweep_leftovers_of(const Step& step)
{
    if (of_.work.mode != Mode::standalone) {
        return;
    }
    for (const Step& sweep : leftovers(session(), step.sql, of_.action.tables)) {
        workplace_.tell(
            Note{"what an earlier try has left unfinished is swept away: " + sweep.sql});
        execute(sweep);
    }
}

void Steps::sweep_leftovers()
{
    for (const Step& step : of_.work.steps) {
        sweep_leftovers_of(step);
    }
}

} // namespace sluice
