#pragma once
// One runner at a time per database. The lease is a row: owner, host, pid, token, the server's id
// of the session that works, expiry by the server's clock. It is renewed by a heartbeat on a
// connection of its own, because the worker's may be busy with one long statement. A dead holder's
// lease expires; one whose process is seen to be gone on this very host is taken over at once. No
// advisory lock: a session waiting in one deadlocks with CREATE INDEX CONCURRENTLY, and poolers
// break it.
//
// Being fenced: every transaction that changes state calls confirm() first, inside itself. If the
// lease went to another meanwhile (the process slept past its expiry), confirm() throws and the
// transaction rolls back: nothing of it lasts. While such a transaction is open nobody can take the
// lease, because the row is locked.

#include "sluice/core/clock.h"
#include "sluice/db/session.h"
#include "sluice/state/actor.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

struct LeaseHolder {
    Actor actor;
    std::string verb; ///< what it is doing: "apply"
    std::string token;
    std::string connection_id; ///< of its working session
    std::string acquired_at;   ///< server time, UTC
    std::string heartbeat_at;
    std::string expires_at;
    bool is_expired = false;
};

/// Nobody: nullopt. The state tables must be there.
[[nodiscard]] std::optional<LeaseHolder> lease_holder(Session& session);

/// `sluice unlock`: removes the lease whoever holds it. Returns who held it.
std::optional<LeaseHolder> break_lease(Session& session);

/// Sees to it that a predecessor's session, named as Session::connection_id does, no longer works
/// on the server: ends it where it does. Throws Error{refused} where that is not allowed or it does
/// not end.
void end_session(Session& session, Clock& clock, const std::string& connection_id);

class Lease {
public:
    struct Request {
        Actor actor;
        std::string verb;
        std::chrono::seconds duration{15};
    };

    /// Throws Error{held} that names the holder, since when, and what to do. A dead predecessor's
    /// session that still works on the server is ended first. `session` and `clock` must outlive
    /// the lease.
    Lease(Session& session, Connect connect, Clock& clock, Request request);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    /// Stops the heartbeat and gives the lease back; never throws.
    ~Lease();

    /// Inside the caller's transaction. Renews the lease; throws Error{held} when it is no longer
    /// ours.
    void confirm(Session& session) const;

    /// The working session was opened anew: successors must know which one to look for.
    void work_on(Session& session);

    [[nodiscard]] const std::string& token() const;

private:
    class Heartbeat;

    Session* session_;
    Connect connect_;
    Request request_;
    std::string token_;
    std::unique_ptr<Heartbeat> heartbeat_;
};

} // namespace sluice
