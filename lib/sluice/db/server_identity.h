#pragma once
// Which server it is that answers. After a failover, a restored backup or a change in a name
// service another one may stand at the same address: one that only reads, one that was restored to
// an older day, or one that has nothing to do with the database that was being worked on.

#include "sluice/db/session.h"

#include <cstdint>
#include <string>

namespace sluice {

struct ServerIdentity {
    /// Equal on every server that holds a copy of this database, a promoted standby too.
    /// PostgreSQL: the cluster's system identifier and the database's number. SQLite: the file
    /// itself, so that one that was put in its place differs. MySQL has nothing of the kind but for
    /// a Galera cluster: the database's name.
    std::string database;
    /// Which of those servers.
    std::string node;
    /// PostgreSQL: grows with each promotion, so that a primary that was left behind by one is told
    /// from its successor; 0: not known, or the server has nothing of the kind.
    std::int64_t timeline = 0;
    bool takes_writes = false; ///< not a standby, not set to read only
    int members = 1;           ///< servers that take writes to this database: of a Galera cluster
};

[[nodiscard]] ServerIdentity server_identity(Session& session);

/// That work may go on at `now`: a copy of the same database, not left behind by a promotion, and
/// one that takes writes where the one before did. Throws Error{connection, cause connection_lost}
/// where the server only reads, because a standby may be promoted in a moment; Error{refused} where
/// it is another database, or the primary of before a promotion.
void check_same_database(const ServerIdentity& before, const ServerIdentity& now);

/// Opens sessions to the database that the first of them found, and to no other: each later one is
/// checked as above before it is handed out. Copies know the same database, and may be used by any
/// thread. What it is given back to make is returned as it is.
[[nodiscard]] Connect to_one_database(Connect connect);

} // namespace sluice
