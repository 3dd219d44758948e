#include "sluice/backfill/crew.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace sluice {

Crew::Member::Member(Crew& crew, int number)
    : connections(crew.setting_.connect, crew.setting_.run, crew.setting_.work)
    , attempts(connections, crew.setting_.clock, crew.setting_.listener, crew.stop_,
               crew.setting_.work.table, crew.setting_.options.max_attempts)
    , watch(attempts, connections, crew.setting_.clock, crew.setting_.listener, crew.setting_.run,
            crew.setting_.options.wait_while_paused ? WhilePaused::wait : WhilePaused::leave,
            crew.monitor_)
    , place(crew, number)
    , walk(attempts, watch, connections, crew.setting_.clock, crew.setting_.listener,
           crew.setting_.work, crew.setting_.options.actor, crew.milestones_, crew.monitor_, place)
{
    attempts.on_failure = [this](const Error& error, int attempt) {
        watch.note_failure(error, attempt);
        walk.after_failure(error.details.cause, attempt);
    };
}

/// A worker on a thread of its own. It has nothing to say about the run as a whole: it gives its
/// range back and leaves.
class Crew::Helper {
public:
    Helper(Crew& crew, int number) : crew_(crew), member_(crew, number), thread_([this] { work(); })
    {
    }

    [[nodiscard]] bool has_left() const { return has_left_; }

private:
    void work() noexcept
    {
        try {
            member_.watch.look_until_seen();
            (void)member_.walk.work_pass();
        } catch (const Error& error) {
            member_.watch.release();
            if (error.kind != ErrorKind::interrupted) {
                crew_.fail(std::current_exception());
            }
        } catch (...) {
            member_.watch.release();
            crew_.fail(std::current_exception());
        }
        has_left_ = true;
    }

    Crew& crew_;
    Member member_;
    std::atomic<bool> has_left_{false};
    std::jthread thread_; ///< last: it uses the others
};

Crew::Crew(const CrewSetting& setting)
    : setting_(setting)
    , stop_(own_stop_.get_token())
    , pass_on_stop_(setting.stop, [this] { own_stop_.request_stop(); })
    , monitor_(setting.connect, setting.clock, setting.options.trusted_commands)
    , first_(*this, 1)
{
    first_.watch.speak_for_signals();
}

Crew::~Crew()
{
    dismiss();
}

bool Crew::Place::heed(const Pace& pace)
{
    if (number_ == 1) {
        crew_.become(pace);
    }
    return number_ <= crew_.wanted_;
}

/// Called by the first worker alone.
void Crew::become(const Pace& pace)
{
    wanted_ = has_one_writer_ ? 1 : pace.workers;
    helpers_.erase(std::remove_if(helpers_.begin(), helpers_.end(),
                                  [](const auto& helper) { return helper->has_left(); }),
                   helpers_.end());
    for (int number = static_cast<int>(helpers_.size()) + 2; number <= wanted_; ++number) {
        helpers_.push_back(std::make_unique<Helper>(*this, number));
    }
}

void Crew::fail(std::exception_ptr error)
{
    {
        const std::lock_guard lock(mutex_);
        failure_ = failure_ ? failure_ : std::move(error);
    }
    own_stop_.request_stop();
}

void Crew::dismiss()
{
    wanted_ = 0;
    helpers_.clear(); // waits for each to finish its batch
}

Wish Crew::work_pass()
{
    try {
        has_one_writer_ = first_.attempts.run("connect", [this] {
            return first_.connections.control().dialect().capabilities().one_writer;
        });
        const Wish wish = first_.walk.work_pass();
        dismiss();
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return wish;
    } catch (const Error& error) {
        own_stop_.request_stop(); // the others may wait for what does not pass
        dismiss();
        if (failure_ && error.kind == ErrorKind::interrupted) {
            std::rethrow_exception(failure_);
        }
        throw;
    }
}

} // namespace sluice
