#pragma once
// What a command that changes a database works with: one session, the lease, and the people to
// tell. Private to run/.

#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/core/event.h"
#include "sluice/db/catalog.h"
#include "sluice/db/session.h"
#include "sluice/run/runner.h"
#include "sluice/run/statement_watch.h"
#include "sluice/state/history.h"
#include "sluice/state/lease.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Where the parts of one command come from; everything outlives it.
struct Surroundings {
    const Connect& connect;
    Clock& clock;
    Listener& listener;
    const std::stop_token& stop;
    const RunnerOptions& options;
};

class Workplace {
public:
    /// Connects, makes the state tables where needed, and takes the lease.
    Workplace(const Surroundings& surroundings, std::string verb);

    [[nodiscard]] Session& session() { return session_; }

    [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }

    [[nodiscard]] History history() { return History(session_); }

    [[nodiscard]] const std::string& verb() const { return verb_; }

    /// Says it to whoever listens.
    void tell(const Event& event) const { surroundings_.listener.on(event); }

    /// Throws Error{interrupted} when it was asked to stop.
    void check_stop() const;

    /// Runs `work` in a transaction that is ours only while we hold the lease, and commits it.
    void transact(const std::function<void()>& work);
    /// The same for work that may take hours: the lease's row is not locked before it is done, so
    /// that the heartbeat keeps the lease meanwhile.
    void transact_at_length(const std::function<void()>& work);
    /// The same outside a transaction: throws when the lease is no longer ours.
    void confirm();

    /// Runs `work`, and again after what passes by itself (a lock that was not granted, a
    /// deadlock), with growing pauses, as often as the options say. `tables` are those it locks:
    /// who else holds them is told.
    void with_retries(const std::string& what, const std::function<void()>& work,
                      const std::vector<TableName>& tables = {});

    /// Runs a statement of this session, which may take long: see statement_watch.h.
    void watch(const StatementWatch::Subject& subject, const std::function<void()>& statement)
    {
        watch_.over(subject, statement);
    }

    /// Moves the migration on, state by state, and writes each to the ledger, all in one
    /// transaction; `first` runs before that, in the same one.
    void transition(MigrationRecord& record, const std::vector<State>& path,
                    const std::function<void()>& first = {});

    /// After long work on other sessions this one may have been closed: opens another then.
    void refresh();

    /// The schema as it is now. Read whole once, then kept up by reading again what was touched.
    [[nodiscard]] const Catalog& catalog();
    void update_catalog(const std::vector<TableName>& touched, const Catalog& fresh);

    void forget_catalog() { catalog_.reset(); }

private:
    [[nodiscard]] Error explained(const Error& failure, const std::vector<TableName>& tables);

    Surroundings surroundings_;
    std::string verb_;
    Session session_;
    std::optional<Session> lease_session_; ///< where session_ is not durable enough to give it back
    std::optional<Lease> lease_;
    std::optional<Catalog> catalog_;
    StatementWatch watch_;
};

} // namespace sluice
