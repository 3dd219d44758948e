#include "sluice/core/error.h"
#include "sluice/db/dead_rows.h"
#include "sluice/db/engine_signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace sluice {

namespace {

constexpr const char* needs_stats =
    "other users' sessions are hidden from this user: GRANT pg_read_all_stats TO it";

/// Other sessions of applications. Ours show what they are for.
constexpr std::string_view others =
    "backend_type = 'client backend' AND application_name NOT LIKE 'sluice%' AND pid <> "
    "pg_backend_pid()";

/// Another user's session shows what it does only to who may see it.
constexpr std::string_view is_hidden =
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query = '<insufficient privilege>')";

void refuse_hidden(Session& session)
{
    if (session.query(is_hidden)[0].at(0) == "t") {
        fail_signal(needs_stats, Cause::permission);
    }
}

/// The statistics of a table are asked for by its number.
std::string number_of(Session& session, const TableName& table)
{
    const Dialect& dialect = session.dialect();
    return "to_regclass(" + dialect.literal(dialect.quote(table)) + ")";
}

/// Whom our own sessions keep waiting. Locks are visible to every user, and our own sessions are
/// this user's.
ServerReading lock_waiters(Session& session, const TableName& /*table*/)
{
    const Rows rows = session.query(
        "WITH ours AS (SELECT array_agg(pid) AS pids FROM pg_stat_activity WHERE application_name "
        "LIKE 'sluice%'), waiters AS (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid "
        "IS NOT NULL) SELECT count(*) FROM waiters w, ours o WHERE w.pid <> ALL (o.pids) AND "
        "pg_blocking_pids(w.pid) && o.pids");
    return {.value = number_in(rows, "the server did not tell"), .text = ""};
}

ServerReading oldest_transaction(Session& session, const TableName& /*table*/)
{
    refuse_hidden(session);
    const Rows rows = session.query(fmt::format(
        "SELECT greatest(extract(epoch FROM clock_timestamp() - began), 0), who FROM (SELECT "
        "xact_start AS began, 'pid ' || pid AS who FROM pg_stat_activity WHERE xact_start IS NOT "
        "NULL AND {} UNION ALL SELECT prepared, 'prepared ' || gid FROM pg_prepared_xacts) t ORDER "
        "BY began LIMIT 1",
        others));
    if (rows.empty()) {
        return {};
    }
    return {.value = number_in(rows, "the server did not tell"),
            .text = rows[0].at(1).value_or("")};
}

ServerReading active_sessions(Session& session, const TableName& /*table*/)
{
    refuse_hidden(session);
    const Rows rows = session.query(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND {}", others));
    return {.value = number_in(rows, "the server did not tell"), .text = ""};
}

ServerReading dead_tuples(Session& session, const TableName& table)
{
    const DeadRows rows = read_dead_rows(session, table);
    return {.value = static_cast<double>(rows.dead), .text = describe(rows)};
}

ServerReading dead_share(Session& session, const TableName& table)
{
    const DeadRows rows = read_dead_rows(session, table);
    const auto all = static_cast<double>(rows.dead + rows.live);
    return {.value = all > 0 ? static_cast<double>(rows.dead) / all : 0, .text = describe(rows)};
}

/// VACUUM by hand counts as well: it does the same to the same table.
ServerReading autovacuum(Session& session, const TableName& table)
{
    const Rows rows = session.query(
        "SELECT pid, relid IS NULL FROM pg_stat_progress_vacuum WHERE datname = current_database() "
        "AND coalesce(relid = " +
        number_of(session, table) + ", true) LIMIT 1");
    if (rows.empty()) {
        return {.value = 0, .text = "does not work on \"" + display(table) + "\""};
    }
    if (rows[0].at(1) == "t") {
        fail_signal("a vacuum is at work, and which table it is on is hidden from this user: GRANT "
                    "pg_read_all_stats TO it",
                    Cause::permission);
    }
    return {.value = 1,
            .text = fmt::format("works on \"{}\" (pid {})", display(table),
                                rows[0].at(0).value_or(""))};
}

/// Segments of the log that are written and not archived yet.
ServerReading wal_archive_backlog(Session& session, const TableName& /*table*/)
{
    if (session.query("SHOW archive_mode")[0].at(0) == "off") {
        fail_signal("the server does not archive its log: archive_mode is off");
    }
    try {
        const Rows rows = session.query(
            "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'");
        return {.value = number_in(rows, "the server did not tell"), .text = ""};
    } catch (const Error& error) {
        if (error.details.cause == Cause::permission) {
            fail_signal("the state of the archive is hidden from this user: GRANT pg_monitor TO it",
                        Cause::permission);
        }
        throw;
    }
}

ServerReading slot_retention(Session& session, const TableName& /*table*/)
{
    const Rows rows = session.query(
        "SELECT greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, "
        "slot_name FROM pg_replication_slots WHERE restart_lsn IS NOT NULL ORDER BY 1 DESC LIMIT "
        "1");
    if (rows.empty()) {
        return {.value = 0, .text = "no slot"};
    }
    return {.value = number_in(rows, "the server did not tell"),
            .text = "slot " + rows[0].at(1).value_or("")};
}

/// A server that runs here shows the process of this connection.
bool is_here(const std::string& backend)
{
    std::ifstream in("/proc/" + backend + "/comm");
    std::string name;
    return std::getline(in, name) && name.starts_with("postgres");
}

ServerReading free_disk(Session& session, const TableName& /*table*/)
{
    const Rows rows =
        session.query("SELECT pg_backend_pid(), current_setting('data_directory', true)");
    if (!is_here(rows[0].at(0).value_or(""))) {
        fail_signal("the server runs on another machine, and PostgreSQL does not tell its free "
                    "space: use a probe or a query");
    }
    const std::string folder = rows[0].at(1).value_or("");
    ServerReading least = free_space(folder);
    try {
        const ServerReading log = free_space(folder + "/pg_wal"); // often a disk of its own
        return log.value < least.value ? log : least;
    } catch (const Error&) {
        return least; // inside a folder that only the server may enter
    }
}

std::optional<double> optional_number(const Value& value)
{
    return value ? std::optional(std::stod(*value)) : std::nullopt;
}

constexpr std::string_view identity = "(SELECT system_identifier::text FROM pg_control_system())";

} // namespace

const std::vector<SignalReader>& postgresql_signals()
{
    static const std::vector<SignalReader> readers{{"active_sessions", active_sessions},
                                                   {"autovacuum", autovacuum},
                                                   {"dead_share", dead_share},
                                                   {"dead_tuples", dead_tuples},
                                                   {"free_disk", free_disk},
                                                   {"lock_waiters", lock_waiters},
                                                   {"oldest_transaction", oldest_transaction},
                                                   {"slot_retention", slot_retention},
                                                   {"wal_archive_backlog", wal_archive_backlog}};
    return readers;
}

/// What only receives the log and does not apply it (pg_receivewal, a base backup) is no replica.
PrimaryState read_postgresql_primary(Session& session)
{
    const Rows own = session.query(
        fmt::format("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, {}", identity));
    PrimaryState primary{.position = optional_number(own[0].at(0)),
                         .identity = own[0].at(1).value_or("")};
    const Rows rows = session.query(
        "SELECT coalesce(nullif(application_name, ''), 'replica') || coalesce(' at ' || "
        "host(client_addr), ''), pg_wal_lsn_diff(replay_lsn, '0/0')::bigint, extract(epoch FROM "
        "replay_lag), state FROM pg_stat_replication WHERE state IS NULL OR (state IN "
        "('streaming', "
        "'catchup') AND replay_lsn IS NOT NULL)");
    for (const Row& row : rows.rows) {
        if (!row.at(3)) {
            fail_signal("the replicas' positions are hidden from this user: GRANT "
                        "pg_read_all_stats TO it",
                        Cause::permission);
        }
        primary.replicas.push_back({.name = row.at(0).value_or(""),
                                    .position = optional_number(row.at(1)),
                                    .lag = optional_number(row.at(2))});
    }
    return primary;
}

ReplicaState read_postgresql_replica(Session& session, const PrimaryState& primary)
{
    const Rows rows = session.query(fmt::format(
        "SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint, "
        "extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), {}",
        identity));
    const Row& row = rows[0];
    if (row.at(0) != "t") {
        fail_signal("it is not a replica: it is not in recovery");
    }
    if (row.at(3) != primary.identity) {
        fail_signal("it is a replica of another primary");
    }
    if (!row.at(1)) {
        fail_signal("it has not applied anything yet");
    }
    return {.name = "", .position = optional_number(row.at(1)), .lag = optional_number(row.at(2))};
}

} // namespace sluice
