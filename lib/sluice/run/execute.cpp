#include "sluice/run/execute.h"

#include "sluice/core/error.h"
#include "sluice/db/side_effects.h"
#include "sluice/run/leftovers.h"
#include "sluice/run/resume.h"
#include "sluice/run/steps.h"
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

Error side_effect_error(const std::vector<std::string>& lines, Mode mode)
{
    const bool is_undone = mode == Mode::atomic;
    return Error(ErrorKind::refused,
                 fmt::format("it {} more than its statements say: {}",
                             is_undone ? "would have changed" : "changed", fmt::join(lines, "; ")),
                 {.hint = fmt::format("{}Name what goes in a statement of its own before it; or "
                                      "let it be with --accept-drift.",
                                      is_undone ? "Nothing was done. "
                                                : "The action is not recorded as done. ")});
}

class Execution {
public:
    Execution(Workplace& workplace, const MigrationRecord& migration, ActionRecord& record,
              Direction direction)
        : workplace_(workplace)
        , migration_(migration)
        , record_(record)
        , course_(course_of(record.action, direction))
        , steps_(workplace, {migration.version, record.action, course_.work, direction})
    {
    }

    Before run()
    {
        const SteadyTime start = workplace_.surroundings().clock.steady_now();
        const ActionRecord as_found = record_;
        ++record_.attempts;
        try {
            // A written-out statement may have changed it.
            session().set_lock_timeout(lock_timeout());
            const Before before = take(start);
            workplace_.update_catalog(record_.action.tables, found_);
            return before;
        } catch (const Error& error) {
            if (was_asked_to_stop(error)) {
                sweep_what_it_left(workplace_, error, record_.action.tables);
                workplace_.check_stop();
            }
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
                const auto work = [&] {
                    for (const Step& step : course_.work.steps) {
                        if (before == Before::nothing || !is_in_effect(session(), step)) {
                            steps_.execute(step);
                        }
                    }
                    finished = finish(start);
                };
                if (steps_.may_take_hours()) {
                    workplace_.transact_at_length(work);
                } else {
                    workplace_.transact(work);
                }
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
            steps_.run();
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
        steps_.sweep_leftovers();
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

    [[nodiscard]] std::chrono::milliseconds lock_timeout() const
    {
        return workplace_.surroundings().options.lock_timeout;
    }

    [[nodiscard]] bool was_asked_to_stop(const Error& error) const
    {
        return error.details.cause == Cause::cancelled &&
               workplace_.surroundings().stop.stop_requested();
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
        refuse_side_effects();
        record_found(session(), migration_.version, record_.action.tables, found_);
        workplace_.history().mark(migration_.version, finished);
        return finished;
    }

    /// A way back only restores what the way there announced, which was held against the tables
    /// then.
    void refuse_side_effects()
    {
        if (course_.direction == Direction::undo ||
            workplace_.surroundings().options.accept_drift) {
            return;
        }
        std::vector<std::string> sql;
        for (const Step& step : course_.work.steps) {
            sql.push_back(step.sql);
        }
        std::vector<std::string> lines;
        for (const FoundTable& before : found_tables(session(), record_.action.tables)) {
            const Table* after = found_.find(before.name);
            if (before.table && after != nullptr) {
                const std::vector<std::string> more =
                    side_effects(*before.table, *after, sql, session().dialect().server().engine);
                lines.insert(lines.end(), more.begin(), more.end());
            }
        }
        if (!lines.empty()) {
            throw side_effect_error(lines, course_.work.mode);
        }
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
    Steps steps_;
    Catalog found_; ///< the touched tables as they are afterwards
};

/// With what to do where the error itself has nothing to say of it.
Error in_context(const MigrationRecord& migration, const ActionRecord& record, Direction direction,
                 const Error& error)
{
    const bool is_undo = direction == Direction::undo;
    Error::Details details = error.details;
    if (details.hint.empty()) {
        details.hint =
            "Mend what it names, then run the same command again" +
            (is_undo ? "." : fmt::format("; `sluice rollback {}` goes back.", migration.version));
    }
    return Error(error.kind,
                 fmt::format("action {}{}, {}: {}", record.action.ordinal, is_undo ? " (undo)" : "",
                             record.action.summary, error.message),
                 std::move(details));
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
        if (error.kind == ErrorKind::interrupted) {
            throw; // nothing is wrong with the action
        }
        workplace.tell(ActionFailed{migration.version, action.ordinal, phase, action.summary,
                                    error.message, direction});
        throw in_context(migration, record, direction, error);
    }
}

} // namespace sluice
