#include "sluice/db/server_identity.h"

#include "sluice/core/error.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// Of the log being written: the control file learns of a promotion only later. A service that
/// keeps its log elsewhere may have none to show.
std::int64_t postgresql_timeline(Session& session)
{
    try {
        const Rows rows = session.query(
            "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE "
            "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END");
        return std::stoll(rows[0][0].value_or("0"));
    } catch (const Error& error) {
        if (error.kind != ErrorKind::sql) {
            throw;
        }
        return 0;
    }
}

/// Who may not ask for the cluster's identifier is left with the database's name and number.
ServerIdentity postgresql_identity(Session& session)
{
    const Rows rows = session.query(
        "SELECT datname || '/' || oid, current_setting('transaction_read_only') = 'off', "
        "has_function_privilege('pg_control_system()', 'EXECUTE'), "
        "coalesce(host(inet_server_addr()), 'local socket') || ':' || "
        "coalesce(inet_server_port()::text, '') "
        "FROM pg_catalog.pg_database WHERE datname = current_database()");
    ServerIdentity identity{.database = rows[0][0].value_or(""),
                            .timeline = postgresql_timeline(session),
                            .takes_writes = rows[0][1] == "t"};
    if (rows[0][2] == "t") {
        const Rows control =
            session.query("SELECT system_identifier FROM pg_catalog.pg_control_system()");
        identity.database += "@" + control[0][0].value_or("");
    }
    if (identity.timeline != 0) {
        identity.node = fmt::format("timeline {}, ", identity.timeline);
    }
    identity.node += rows[0][3].value_or("");
    return identity;
}

ServerIdentity mysql_identity(Session& session)
{
    const Rows rows = session.query(
        "SHOW VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'server_id', "
        "'hostname', 'port', 'datadir', 'read_only', 'super_read_only', 'tx_read_only', "
        "'transaction_read_only', 'wsrep_on')");
    std::map<std::string, std::string> found;
    for (const Row& row : rows.rows) {
        found[row[0].value_or("")] = row[1].value_or("");
    }
    ServerIdentity identity{.takes_writes = true};
    for (const char* name :
         {"read_only", "super_read_only", "tx_read_only", "transaction_read_only"}) {
        identity.takes_writes = identity.takes_writes && found[name] != "ON";
    }
    identity.node =
        fmt::format("{}:{} {} {}{}{}", found["hostname"], found["port"], found["datadir"],
                    found["server_id"], found["server_uuid"], found["server_uid"]);
    identity.database = session.query("SELECT DATABASE()")[0][0].value_or("");
    if (found["wsrep_on"] == "ON") {
        const Rows cluster = session.query("SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
        identity.database += cluster.empty() ? "" : "@" + cluster[0][1].value_or("");
        const Rows size = session.query("SHOW STATUS LIKE 'wsrep_cluster_size'");
        identity.members = size.empty() ? 1 : std::stoi(size[0][1].value_or("1"));
    }
    return identity;
}

ServerIdentity sqlite_identity(Session& session)
{
    const Rows files = session.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
    const std::string path = files.empty() ? "" : files[0][0].value_or("");
    struct stat file = {};
    if (path.empty() || ::stat(path.c_str(), &file) != 0) {
        return {.node = path};
    }
    return {.database = fmt::format("device {} file {}", file.st_dev, file.st_ino),
            .node = path,
            .takes_writes = ::access(path.c_str(), W_OK) == 0 &&
                            session.query("PRAGMA query_only")[0][0] == "0"};
}

/// What the sessions of one command have found out about the database that they work on.
class OneDatabase {
public:
    explicit OneDatabase(Connect connect) : connect_(std::move(connect)) {}

    Session operator()(SessionOptions options) const
    {
        Session session = connect_(std::move(options));
        const ServerIdentity now = server_identity(session);
        const std::lock_guard lock(known_->mutex);
        if (known_->identity) {
            check_same_database(*known_->identity, now);
        }
        known_->identity = now;
        return session;
    }

private:
    struct Known {
        std::mutex mutex;
        std::optional<ServerIdentity> identity; ///< under mutex
    };

    Connect connect_;
    std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

} // namespace

ServerIdentity server_identity(Session& session)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return postgresql_identity(session);
    case Engine::mysql:
        return mysql_identity(session);
    case Engine::sqlite:
        return sqlite_identity(session);
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

void check_same_database(const ServerIdentity& before, const ServerIdentity& now)
{
    if (now.database != before.database) {
        throw Error(ErrorKind::refused,
                    fmt::format("another database answers now: \"{}\" at \"{}\", where it was "
                                "\"{}\" at \"{}\"",
                                now.database, now.node, before.database, before.node),
                    {.hint = "Check where the URL leads. If this database is the right one, start "
                             "again: sluice apply."});
    }
    if (before.takes_writes && !now.takes_writes) {
        throw Error(ErrorKind::connection,
                    fmt::format("the server that answers now only reads: \"{}\", where it was "
                                "\"{}\"",
                                now.node, before.node),
                    {.hint = "Wait for it to be promoted, or let the URL lead to the primary, then "
                             "start again: sluice apply.",
                     .cause = Cause::connection_lost});
    }
    if (now.timeline != 0 && now.timeline < before.timeline) {
        throw Error(ErrorKind::refused,
                    fmt::format("a primary that was left behind answers now: \"{}\", where it was "
                                "\"{}\"",
                                now.node, before.node),
                    {.hint = "Stop this server, it writes what its successor does not know of. Let "
                             "the URL lead to the successor, then start again: sluice apply."});
    }
}

Connect to_one_database(Connect connect)
{
    if (connect.target<OneDatabase>() != nullptr) {
        return connect;
    }
    return OneDatabase(std::move(connect));
}

} // namespace sluice
