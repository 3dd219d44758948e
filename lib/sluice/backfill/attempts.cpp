#include "sluice/backfill/attempts.h"

#include "sluice/backfill/pacing.h"
#include "sluice/db/lock_holders.h"

namespace sluice {

Attempts::Attempts(WorkerConnections& connections, Clock& clock, Listener& listener,
                   const std::stop_token& stop, const TableName& table, int most)
    : connections_(connections)
    , clock_(clock)
    , listener_(listener)
    , stop_(stop)
    , table_(table)
    , most_(most)
    , random_(std::random_device{}())
{
}

void Attempts::stop_if_asked() const
{
    if (stop_.stop_requested()) {
        throw Error(ErrorKind::interrupted, "asked to stop");
    }
}

void Attempts::sleep(Microseconds duration)
{
    clock_.sleep(duration, stop_);
    stop_if_asked();
}

Error Attempts::explained(const Error& error)
{
    if (error.details.cause != Cause::lock_timeout) {
        return error;
    }
    try {
        return naming_lock_holders(error, connections_.control(), {table_});
    } catch (const Error&) {
        return error; // no connection to ask on
    }
}

/// A server that is away and a lock that another holds come back by themselves, but not in seconds:
/// with the waits between them these are some five minutes of either.
int Attempts::most_for(Cause cause) const
{
    switch (cause) {
    case Cause::connection_lost:
        return 5 * most_;
    case Cause::lock_timeout:
        return 15 * most_;
    default:
        return most_;
    }
}

void Attempts::recover(std::string_view what, const Error& failure, int attempt)
{
    const Error error = explained(failure);
    if (!is_retryable(error.details.cause) || attempt >= most_for(error.details.cause)) {
        throw error;
    }
    if (error.details.cause == Cause::connection_lost) {
        connections_.drop();
    }
    if (on_failure) {
        on_failure(error, attempt);
    }
    const Milliseconds delay = backoff(attempt, longest_wait(error.details.cause),
                                       std::uniform_real_distribution<double>(0, 1)(random_));
    listener_.on(Retrying{
        .what = std::string(what), .attempt = attempt, .delay = delay, .error = error.message});
    sleep(delay);
}

} // namespace sluice
