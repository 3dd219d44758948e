#include "sluice/run/execute.h"

#include "sluice/core/error.h"
#include "sluice/db/server_identity.h"
#include "sluice/run/resume.h"
#include "sluice/state/found_tables.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace sluice {

namespace {

/// What an earlier try left behind: `part` if it ended while the action was under way.
enum class Before { nothing, part };

/// The way an action is taken: there or back.
struct Course {
    Direction direction;
    const SchemaWork& work;
    ActionState under_way;
    ActionState finished;
};

const SchemaWork& no_work()
{
    static const SchemaWork none;
    return none;
}

Course course_of(const Action& action, Direction direction)
{
    if (direction == Direction::undo) {
        return {direction, action.undo ? *action.undo : no_work(), ActionState::undoing,
                ActionState::undone};
    }
    return {direction, std::get<SchemaWork>(action.work), ActionState::intended, ActionState::done};
}

/// Holds tables against everybody else until release(), and no longer than it lives.
class TableLock {
public:
    TableLock(Session& session, const std::vector<TableName>& tables) : session_(session)
    {
        session_.execute(session_.dialect().lock_tables(tables));
    }

    TableLock(const TableLock&) = delete;
    TableLock& operator=(const TableLock&) = delete;

    ~TableLock()
    {
        if (is_released_) {
            return;
        }
        try {
            session_.execute(session_.dialect().unlock_tables());
        } catch (const std::exception&) {
            // The session is lost, and its locks with it.
        }
    }

    void release()
    {
        is_released_ = true;
        session_.execute(session_.dialect().unlock_tables());
    }

private:
    Session& session_;
    bool is_released_ = false;
};

class Execution {
public:
    Execution(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record,
              Direction direction)
        : workplace_(workplace)
        , migration_(migration)
        , record_(record)
        , course_(course_of(record.action, direction))
    {
    }

    Before run()
    {
        const SteadyTime start = workplace_.surroundings().clock.steady_now();
        const ActionRecord as_found = record_;
        ++record_.attempts;
        try {
            const Before before = take(start);
            workplace_.update_catalog(record_.action.tables, found_);
            return before;
        } catch (const Error& error) {
            fail(as_found, error);
            throw;
        }
    }

private:
    Before take(SteadyTime start)
    {
        switch (course_.work.mode) {
        case Mode::atomic:
            return atomic(start);
        case Mode::standalone:
        case Mode::locked:
            return standalone(start);
        }
        throw Error(ErrorKind::internal, "unknown mode");
    }

    /// The statements and the record of them commit together, or nothing does.
    Before atomic(SteadyTime start)
    {
        const Before before = settle_predecessor();
        ActionRecord finished;
        workplace_.with_retries(
            record_.action.summary,
            [&] {
                workplace_.transact([&] {
                    for (const Step& step : course_.work.steps) {
                        if (before == Before::nothing || !is_in_effect(session(), step)) {
                            session().execute(step.sql);
                        }
                    }
                    finished = finish(start);
                });
            },
            record_.action.tables);
        record_ = finished;
        return before;
    }

    /// Each statement commits by itself: that it is about to run is committed first.
    Before standalone(SteadyTime start)
    {
        const Before before = settle_predecessor();
        const bool is_done = before != Before::nothing && was_done();
        intend(before);
        if (!is_done) {
            run_steps();
        }
        ActionRecord finished;
        workplace_.with_retries(record_.action.summary,
                                [&] { workplace_.transact([&] { finished = finish(start); }); });
        record_ = finished;
        return before;
    }

    /// An earlier try may have left its statement running, and this action half-way.
    Before settle_predecessor()
    {
        if (record_.state != ActionState::intended && record_.state != ActionState::undoing) {
            return Before::nothing;
        }
        end_predecessor(workplace_, record_);
        return Before::part;
    }

    /// Only for a statement that nobody can ask about, and that the earlier try went the same way.
    bool was_done()
    {
        if (record_.state != course_.under_way || !has_unguarded_step(course_.work)) {
            return false;
        }
        if (course_.direction == Direction::undo && record_.fingerprint.empty()) {
            return false;
        }
        if (!took_effect(workplace_, record_)) {
            return false;
        }
        refuse_half_built(workplace_, record_);
        return true;
    }

    void intend(Before before)
    {
        const bool goes_on = before != Before::nothing && record_.state == course_.under_way;
        if (!goes_on) {
            record_.fingerprint = fingerprints(session(), record_.action.tables);
        }
        ActionRecord intended = record_;
        intended.state = course_.under_way;
        intended.error.clear();
        intended.connection_id = session().connection_id();
        workplace_.with_retries("recording the action", [&] {
            workplace_.transact([&] { workplace_.history().mark(migration_.version, intended); });
        });
        record_ = intended;
    }

    /// LOCK TABLES holds on one member of a Galera cluster. A write that comes from another one
    /// waits for it there, and the statements that follow it wait for that write: for ever, and the
    /// whole cluster with them (measured on MariaDB 10.11).
    void refuse_other_writers()
    {
        const int members = server_identity(session()).members;
        if (members > 1 && !workplace_.surroundings().options.single_writer) {
            throw Error(ErrorKind::refused,
                        fmt::format("the table has to be locked, and the server is one of {} "
                                    "members of a Galera cluster: a write through another one "
                                    "would stop them all",
                                    members),
                        {.hint = "Let the application write through the member that sluice uses, "
                                 "or through none, and say so with single_writer = true in "
                                 "[env.NAME] of sluice.toml."});
        }
    }

    void run_steps()
    {
        if (course_.work.mode == Mode::locked) {
            refuse_other_writers();
            workplace_.with_retries(
                record_.action.summary,
                [&] {
                    workplace_.confirm();
                    TableLock lock(session(), tables_there());
                    for (const Step& step : course_.work.steps) {
                        run_step(step);
                    }
                    lock.release();
                },
                record_.action.tables);
            return;
        }
        for (const Step& step : course_.work.steps) {
            workplace_.with_retries(
                record_.action.summary,
                [&] {
                    workplace_.confirm();
                    run_step(step);
                },
                record_.action.tables);
        }
    }

    /// A step may rename one of the action's tables: what has its name only then is not locked.
    std::vector<TableName> tables_there()
    {
        const Catalog catalog = read_catalog(session(), record_.action.tables);
        std::vector<TableName> there;
        for (const Table& table : catalog.tables) {
            there.push_back(table.name);
        }
        return there;
    }

    void run_step(const Step& step)
    {
        if (!is_in_effect(session(), step)) {
            session().execute(step.sql);
        }
    }

    /// Inside the caller's transaction: what was done, and what the tables look like now.
    ActionRecord finish(SteadyTime start)
    {
        ActionRecord finished = record_;
        finished.state = course_.finished;
        finished.error.clear();
        finished.took_us = std::chrono::duration_cast<Microseconds>(
                               workplace_.surroundings().clock.steady_now() - start)
                               .count();
        found_ = read_catalog(session(), record_.action.tables);
        record_found(session(), migration_.version, record_.action.tables, found_);
        workplace_.history().mark(migration_.version, finished);
        return finished;
    }

    /// What was not in effect before and failed as a whole is not in effect now; what may have
    /// happened in part stays under way.
    void fail(const ActionRecord& as_found, const Error& error)
    {
        if (error.kind == ErrorKind::held || error.kind == ErrorKind::interrupted) {
            return;
        }
        record_.error = error.message;
        if (record_.state == ActionState::planned || record_.state == ActionState::undone) {
            record_.state = ActionState::failed;
        }
        try {
            workplace_.transact([&] { workplace_.history().mark(migration_.version, record_); });
        } catch (const Error&) {
            record_ = as_found; // the error that is thrown says more than that it went unrecorded
        }
    }

    Session& session() { return workplace_.session(); }

    Workplace& workplace_;
    const MigrationRecord& migration_;
    ActionRecord& record_;
    Course course_;
    Catalog found_; ///< the touched tables as they are afterwards
};

Error in_context(const ActionRecord& record, Direction direction, const Error& error)
{
    return Error(error.kind,
                 fmt::format("action {}{}, {}: {}", record.action.ordinal,
                             direction == Direction::undo ? " (undo)" : "", record.action.summary,
                             error.message),
                 error.details);
}

} // namespace

void carry_out(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record,
               Direction direction)
{
    const Action& action = record.action;
    const std::string phase(name_of(action.phase));
    workplace.tell(ActionStarted{migration.version, action.ordinal, phase, action.summary,
                                 action.lock, direction});
    Execution execution(workplace, migration, record, direction);
    try {
        const Before before = execution.run();
        workplace.tell(ActionFinished{migration.version, action.ordinal, phase, action.summary,
                                      Microseconds(record.took_us), before != Before::nothing,
                                      direction});
    } catch (const Error& error) {
        workplace.tell(ActionFailed{migration.version, action.ordinal, phase, action.summary,
                                    error.message, direction});
        throw in_context(record, direction, error);
    }
}

} // namespace sluice
