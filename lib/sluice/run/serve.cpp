#include "sluice/run/serve.h"

#include "sluice/backfill/backfill.h"
#include "sluice/core/error.h"
#include "sluice/db/server_identity.h"
#include "sluice/state/brake.h"
#include "sluice/state/history.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

namespace {

/// One run, worked on in a thread of its own for as long as it wants to be.
class Service {
public:
    Service(const Connect& connect, Clock& clock, Listener& listener, const std::stop_token& stop,
            const ServeOptions& options, const RunRecord& run, BackfillWork work)
        : run_(run.id)
        , work_(std::move(work))
        , thread_([this, &connect, &clock, &listener, &options, stop] {
            serve(connect, clock, listener, stop,
                  {.actor = options.actor,
                   .trusted_commands = options.trusted_commands,
                   .wait_while_paused = false});
            is_over_ = true;
        })
    {
    }

    [[nodiscard]] std::int64_t run() const { return run_; }

    [[nodiscard]] bool is_over() const { return is_over_; }

private:
    void serve(const Connect& connect, Clock& clock, Listener& listener,
               const std::stop_token& stop, const BackfillOptions& options) noexcept
    {
        try {
            const BackfillEnd end =
                run_backfill(connect, clock, listener, stop, run_, work_, options);
            if (end == BackfillEnd::done) {
                listener.on(Note{fmt::format("run {} is done", run_)});
            }
        } catch (const std::exception& error) {
            listener.on(Note{fmt::format("run {} failed: {}", run_, error.what())});
        }
    }

    std::int64_t run_;
    BackfillWork work_;
    std::atomic<bool> is_over_{false};
    std::jthread thread_; ///< last: it uses the others
};

bool wants_work(const RunRecord& run, const BrakeRecord& brake)
{
    const bool is_over = run.state == RunState::done || run.state == RunState::failed;
    return !is_over && run.desired == Desired::running && wished_wait(run, brake).empty();
}

/// As the migration's plan was recorded; nullopt: it has been taken back meanwhile.
std::optional<BackfillWork> work_of(Session& session, const RunRecord& run)
{
    for (const ActionRecord& record : History(session).actions(run.version)) {
        const auto* work = std::get_if<BackfillWork>(&record.action.work);
        if (record.action.ordinal == run.ordinal && work != nullptr) {
            return *work;
        }
    }
    return std::nullopt;
}

class RunServer {
public:
    RunServer(Connect connect, Clock& clock, Listener& listener, const std::stop_token& stop,
              const ServeOptions& options)
        : connect_(std::move(connect))
        , clock_(clock)
        , listener_(listener)
        , stop_(own_stop_.get_token())
        , pass_on_stop_(stop, [this] { own_stop_.request_stop(); })
        , options_(options)
    {
    }

    RunServer(const RunServer&) = delete;
    RunServer& operator=(const RunServer&) = delete;

    /// What ends the server ends its services.
    ~RunServer() { own_stop_.request_stop(); }

    void run()
    {
        (void)check_state(session()); // a database of a newer sluice is refused at once
        while (!stop_.stop_requested()) {
            look();
            wait();
        }
        services_.clear(); // waits for each to finish its batch
    }

private:
    Session& session()
    {
        if (!session_) {
            session_.emplace(connect_({.purpose = "work"}));
            is_listening_ = session_->listen();
        }
        return *session_;
    }

    /// What passes by itself is tried again at the next look.
    void look()
    {
        try {
            start_services();
            tell_away({});
        } catch (const Error& error) {
            if (!is_retryable(error.details.cause)) {
                throw;
            }
            session_.reset();
            tell_away(error.message);
        }
    }

    /// Once, not with every look; an empty `trouble`: it answers.
    void tell_away(const std::string& trouble)
    {
        if (is_away_ == trouble.empty()) {
            is_away_ = !trouble.empty();
            listener_.on(Note{is_away_ ? "the database does not answer, looking again: " + trouble
                                       : "the database answers again"});
        }
    }

    void start_services()
    {
        services_.remove_if([](const Service& service) { return service.is_over(); });
        Session& control = session();
        if (!check_state(control)) {
            return; // sluice has never worked here
        }
        const BrakeRecord brake = read_brake(control);
        for (const RunRecord& run : Runs(control).all()) {
            const bool is_served =
                std::any_of(services_.begin(), services_.end(),
                            [&run](const Service& service) { return service.run() == run.id; });
            if (is_served || !wants_work(run, brake)) {
                continue;
            }
            if (std::optional<BackfillWork> work = work_of(control, run)) {
                listener_.on(
                    Note{fmt::format("run {} on \"{}\" is worked on", run.id, display(run.table))});
                services_.emplace_back(connect_, clock_, listener_, stop_, options_, run,
                                       std::move(*work));
            }
        }
    }

    /// A notice ends it early where the engine sends one.
    void wait()
    {
        constexpr std::chrono::milliseconds slice{100}; // stop is looked at as often
        std::chrono::milliseconds left = options_.look_every;
        while (left.count() > 0 && !stop_.stop_requested()) {
            const auto part = std::min(left, slice);
            if (!session_ || !is_listening_) {
                clock_.sleep(part, stop_);
            } else if (is_noticed(part)) {
                return;
            }
            left -= part;
        }
    }

    bool is_noticed(std::chrono::milliseconds within)
    {
        try {
            return session_->await_notice(within);
        } catch (const Error&) {
            session_.reset(); // opened anew at the next look, which says what is wrong
            return true;
        }
    }

    Connect connect_;
    Clock& clock_;
    Listener& listener_;
    std::stop_source own_stop_;
    std::stop_token stop_; ///< the caller's as well
    std::stop_callback<std::function<void()>> pass_on_stop_;
    const ServeOptions& options_;
    std::optional<Session> session_;
    bool is_listening_ = false;
    bool is_away_ = false;
    std::list<Service> services_;
};

} // namespace

void serve(const Connect& connect, Clock& clock, Listener& listener, const std::stop_token& stop,
           const ServeOptions& options)
{
    RunServer(to_one_database(connect), clock, listener, stop, options).run();
}

} // namespace sluice
