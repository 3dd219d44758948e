#pragma once
// A connection of the monitor's own, which comes back by itself. A server that is out of reach is
// tried once a round, not once a signal. Private to throttle/.

#include "sluice/core/error.h"
#include "sluice/db/session.h"

#include <functional>
#include <mutex>
#include <optional>

namespace sluice {

class MonitorConnection {
public:
    explicit MonitorConnection(Connect connect) : connect_(std::move(connect)) {}

    /// Runs `work` with the session; a connection that was lost is given up. Throws what it throws.
    template <class Work> auto with(const Work& work) -> decltype(work(std::declval<Session&>()))
    {
        open();
        try {
            return work(*session_);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::connection) {
                drop(error);
            }
            throw;
        }
    }

    /// From now on a connection that failed may be tried again.
    void begin_round() { failure_.reset(); }

    /// Thread-safe: the statement that is running is given up.
    void cancel();

private:
    void open();
    void drop(const Error& error);

    Connect connect_;
    std::mutex mutex_; ///< held to change session_ or to cancel it, not while a statement runs
    std::optional<Session> session_;
    std::optional<Error> failure_;
};

} // namespace sluice
