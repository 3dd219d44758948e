#pragma once
// Which server it is that answers. After a failover, a restored backup or a change in a name
// service another one may stand at the same address: one that only reads, one that was restored to
// an older day, or one that has nothing to do with the database that was being worked on.

#include "sluice/db/session.h"

#include <string>

namespace sluice {

struct ServerIdentity {
    /// Equal on every server that holds a copy of this database, a promoted standby too.
    /// PostgreSQL: the cluster's system identifier and the database's number. SQLite: the file
    /// itself, so that one that was put in its place differs. MySQL has nothing of the kind but for
    /// a Galera cluster: the database's name.
    std::string database;
    /// Which of those servers; PostgreSQL: with the timeline, which a failover changes.
    std::string node;
    bool takes_writes = false; ///< not a standby, not set to read only
};

[[nodiscard]] ServerIdentity server_identity(Session& session);

/// To be asked on a new session before work goes on: that it speaks to a copy of the same database
/// and may write there. Throws Error{connection, cause connection_lost} where the server only
/// reads, because a standby may be promoted in a moment; Error{refused} where it is another
/// database.
void check_same_database(const ServerIdentity& before, Session& session);

} // namespace sluice
