#include "sluice/state/lease.h"

#include "sluice/core/error.h"

#include <fmt/format.h>

#include <exception>
#include <random>
#include <stop_token>
#include <thread>
#include <utility>

namespace sluice {

namespace {

constexpr int heartbeats_per_lease = 3;

std::string new_token()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// Makes the lease ours if it is still as it was seen: free, or held by `seen`.
bool take(Session& session, const Lease::Request& request, const std::string& token,
          const std::string& seen)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("lease") << " SET owner = ";
    sql.bind(request.actor.name) << ", host = ";
    sql.bind(request.actor.host) << ", pid = ";
    sql.bind(static_cast<long long>(request.actor.pid)) << ", process_start = ";
    sql.bind(request.actor.started) << ", verb = ";
    sql.bind(request.verb) << ", token = ";
    sql.bind(token) << ", connection_id = ";
    sql.bind(session.connection_id())
        << ", acquired_at = " << dialect.now() << ", heartbeat_at = " << dialect.now()
        << ", expires_at = " << dialect.now(request.duration) << " WHERE id = 1 AND token = ";
    sql.bind(seen);
    return session.execute(sql.take()) == 1;
}

bool renew(Session& session, const std::string& token, std::chrono::seconds duration)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("lease") << " SET heartbeat_at = " << dialect.now()
        << ", expires_at = " << dialect.now(duration) << " WHERE id = 1 AND token = ";
    sql.bind(token);
    return session.execute(sql.take()) == 1;
}

bool release(Session& session, const std::string& token)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("lease")
        << " SET token = '', connection_id = '' WHERE id = 1 AND token = ";
    sql.bind(token);
    return session.execute(sql.take()) == 1;
}

std::string describe(const LeaseHolder& holder)
{
    return fmt::format("{} on {} (pid {}, \"{}\") since {}", holder.actor.name, holder.actor.host,
                       holder.actor.pid, holder.verb, holder.acquired_at);
}

Error held_by(const LeaseHolder& holder)
{
    return Error(ErrorKind::held,
                 "the database is held by " + describe(holder) + ", last seen at " +
                     holder.heartbeat_at,
                 {.hint = "Wait until it is done; a dead holder is taken over by itself. `sluice "
                          "unlock` takes the lease away by force."});
}

/// Takes the lease from nobody, or from a holder that is dead.
void acquire(Session& session, Clock& clock, const Lease::Request& request,
             const std::string& token)
{
    constexpr int tries = 3; // two that take over the same dead holder see each other at the second
    for (int n = 1;; ++n) {
        const std::optional<LeaseHolder> holder = lease_holder(session);
        if (holder && !holder->is_expired && !is_gone(holder->actor)) {
            throw held_by(*holder);
        }
        if (holder) {
            end_session(session, clock, holder->connection_id);
        }
        if (take(session, request, token, holder ? holder->token : "")) {
            return;
        }
        if (n == tries) {
            throw holder ? held_by(*holder)
                         : Error(ErrorKind::held, "the database was taken by another runner",
                                 {.hint = "See `sluice status`, and try again."});
        }
    }
}

} // namespace

std::optional<LeaseHolder> lease_holder(Session& session)
{
    const Dialect& dialect = session.dialect();
    const Rows rows = session.query(fmt::format(
        "SELECT owner, host, pid, process_start, verb, token, connection_id, acquired_at, "
        "heartbeat_at, expires_at, CASE WHEN expires_at < {} THEN 1 ELSE 0 END FROM {} WHERE id = "
        "1 AND token <> ''",
        dialect.now(), dialect.state_table("lease")));
    if (rows.empty()) {
        return std::nullopt;
    }
    const Row& row = rows[0];
    return LeaseHolder{{row[0].value(), row[1].value(), std::stoi(row[2].value()), row[3].value()},
                       row[4].value(),
                       row[5].value(),
                       row[6].value(),
                       row[7].value(),
                       row[8].value(),
                       row[9].value(),
                       row[10] == "1"};
}

std::optional<LeaseHolder> break_lease(Session& session)
{
    std::optional<LeaseHolder> holder = lease_holder(session);
    if (!holder || !release(session, holder->token)) {
        return std::nullopt;
    }
    return holder;
}

void end_session(Session& session, Clock& clock, const std::string& connection_id)
{
    if (connection_id.empty() || !session.is_alive(connection_id)) {
        return;
    }
    try {
        session.terminate(connection_id);
    } catch (const Error& error) {
        throw Error(ErrorKind::refused,
                    fmt::format("a session of an earlier sluice (\"{}\") may still be working, and "
                                "it cannot be ended: {}",
                                connection_id, error.message),
                    {.hint = "End it as an administrator, or wait until it is gone; see `sluice "
                             "status`."});
    }
    constexpr Milliseconds between{20};
    constexpr int looks = 500;
    for (int n = 0; n < looks; ++n) {
        if (!session.is_alive(connection_id)) {
            return;
        }
        clock.sleep(between, {});
    }
    throw Error(ErrorKind::refused,
                fmt::format("a session of an earlier sluice (\"{}\") is still working although it "
                            "was told to end",
                            connection_id),
                {.hint = "Wait until it is gone, then run the same command again."});
}

/// Renews the lease until it is destroyed or the lease is lost. Connects only when the first
/// renewal is due, so that a short command never pays for it.
class Lease::Heartbeat {
public:
    Heartbeat(Connect connect, Clock& clock, std::string token, std::chrono::seconds duration)
        : thread_([connect = std::move(connect), &clock, token = std::move(token), duration](
                      const std::stop_token& stop) { beat(connect, clock, token, duration, stop); })
    {
    }

private:
    static void beat(const Connect& connect, Clock& clock, const std::string& token,
                     std::chrono::seconds duration, const std::stop_token& stop)
    {
        std::optional<Session> session;
        for (;;) {
            clock.sleep(duration / heartbeats_per_lease, stop);
            if (stop.stop_requested()) {
                return;
            }
            try {
                if (!session) {
                    session = connect({.purpose = "heartbeat"});
                }
                if (!renew(*session, token, duration)) {
                    return; // confirm() tells the worker
                }
            } catch (const std::exception&) {
                // A lost connection, or the row is locked by the worker's own transaction, whose
                // confirm() renews it. The next beat tries again.
                session.reset();
            }
        }
    }

    std::jthread thread_;
};

Lease::Lease(Session& session, Connect connect, Clock& clock, Request request)
    : session_(&session)
    , connect_(std::move(connect))
    , request_(std::move(request))
    , token_(new_token())
{
    acquire(session, clock, request_, token_);
    heartbeat_ = std::make_unique<Heartbeat>(connect_, clock, token_, request_.duration);
}

Lease::~Lease()
{
    heartbeat_.reset();
    try {
        if (!session_->in_transaction()) {
            release(*session_, token_);
            return;
        }
    } catch (const std::exception&) {
        // The working session is lost: a fresh one may do.
    }
    try {
        Session fresh = connect_({.purpose = "unlock"});
        release(fresh, token_);
    } catch (const std::exception&) {
        // It expires.
    }
}

void Lease::confirm(Session& session) const
{
    if (renew(session, token_, request_.duration)) {
        return;
    }
    const std::optional<LeaseHolder> holder = lease_holder(session);
    throw Error(ErrorKind::held,
                holder ? "the lease was taken over by " + describe(*holder)
                       : std::string("the lease was taken away"),
                {.hint = "Nothing was lost; run the same command again when the other is done."});
}

void Lease::work_on(Session& session)
{
    session_ = &session;
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "UPDATE " << dialect.state_table("lease") << " SET connection_id = ";
    sql.bind(session.connection_id()) << " WHERE id = 1 AND token = ";
    sql.bind(token_);
    session.execute(sql.take());
}

const std::string& Lease::token() const
{
    return token_;
}

} // namespace sluice
