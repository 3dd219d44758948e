#pragma once
// Looks after the statements of one session, from a thread and, once one takes longer than a
// moment, a connection of its own: says about once a second what the statement does and who stands
// in its way, remembers the latter for when it gives up, and ends it on the server when the command
// is asked to stop. A statement that ends at once costs it nothing. Private to run/.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace sluice {

/// May the statement be ended when the command is asked to stop? Not where it is one of several
/// that belong together, and brief.
enum class OnStop { ended, left_to_finish };

class StatementWatch {
public:
    struct Subject {
        StatementGoesOn event; ///< of what: the progress is filled in
        std::vector<TableName> tables;
        OnStop on_stop = OnStop::ended;
    };

    struct Means {
        const Connect& connect;
        Clock& clock;
        Listener& listener;
        const std::stop_token& stop; ///< of the command
        Milliseconds first_look;     ///< after which a statement is looked at
    };

    /// All of these, and the session, outlive it.
    StatementWatch(Session& session, Means means);
    StatementWatch(const StatementWatch&) = delete;
    StatementWatch& operator=(const StatementWatch&) = delete;
    ~StatementWatch() = default;

    /// Runs `statement` under its eyes; throws what that throws.
    void over(Subject subject, const std::function<void()>& statement);

    /// Who stood in the way of the last statement when it was last looked at, "held by …"; empty:
    /// nobody that was seen. Forgotten with the question.
    [[nodiscard]] std::string take_blocker();

private:
    struct Watched {
        Subject subject;
        std::string connection_id;
        std::int64_t number = 0;
        SteadyTime since;
        std::stop_source over;
        std::stop_source wake; ///< when it is over, or the command is asked to stop
    };

    void begin(const Watched& watched);
    void end();
    void watch(const std::stop_token& ends);
    void watch_one(const Watched& watched);
    void look(const Watched& watched);
    [[nodiscard]] bool cancel(const Watched& watched);
    [[nodiscard]] bool runs(std::int64_t number);

    Session& session_;
    Means means_;
    std::optional<Session> eyes_; ///< of the thread alone
    std::mutex mutex_;
    std::condition_variable_any begun_;
    std::optional<Watched> watched_;
    std::int64_t number_ = 0;
    std::string blocker_;
    std::jthread thread_;
};

} // namespace sluice
