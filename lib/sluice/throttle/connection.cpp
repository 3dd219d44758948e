#include "sluice/throttle/connection.h"

namespace sluice {

void MonitorConnection::open()
{
    if (failure_) {
        throw *failure_;
    }
    if (session_) {
        return;
    }
    try {
        Session session = connect_({.purpose = "throttle",
                                    .statement_timeout = std::chrono::seconds{5},
                                    .connect_timeout = std::chrono::seconds{3}});
        const std::scoped_lock lock(mutex_);
        session_.emplace(std::move(session));
    } catch (const Error& error) {
        drop(error);
        throw;
    }
}

void MonitorConnection::drop(const Error& error)
{
    failure_ = error;
    const std::scoped_lock lock(mutex_);
    session_.reset();
}

void MonitorConnection::cancel()
{
    const std::scoped_lock lock(mutex_);
    if (!session_) {
        return;
    }
    try {
        session_->cancel();
    } catch (const Error&) {
        // Nothing runs there, or it is gone: either way there is nothing to give up.
    }
}

} // namespace sluice
