#include "sluice/core/error.h"
#include "sluice/db/engine_signals.h"
#include "sluice/db/mysql/own_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <unistd.h>

namespace sluice {

namespace {

double status_of(Session& session, const std::string& name)
{
    const Rows rows = session.query("SHOW GLOBAL STATUS LIKE '" + name + "'");
    if (rows.size() != 1 || !rows[0].at(1)) {
        fail_signal("this server does not have the status variable " + name);
    }
    try {
        return std::stod(*rows[0][1]);
    } catch (const std::exception&) {
        fail_signal(fmt::format("the status variable {} is \"{}\", no number", name, *rows[0][1]));
    }
}

/// Our own sessions are this user's: it sees them without any privilege. The server counts those
/// that send its log to replicas too, though they mostly wait.
ServerReading threads_running(Session& session, const TableName& /*table*/)
{
    const double running = status_of(session, "Threads_running");
    const Rows rows = session.query("SELECT count(*) FROM information_schema.processlist WHERE "
                                    "command LIKE 'Binlog Dump%' OR (command IN ('Query', "
                                    "'Execute', 'Prepare') AND (id = connection_id() OR " +
                                    is_own_session("id") + "))");
    const double own = number_in(rows, "the server did not tell");
    return {.value = std::max(running - own, 0.0), .text = ""};
}

ServerReading history_list_length(Session& session, const TableName& /*table*/)
{
    if (session.dialect().server().is_mariadb) {
        return {.value = status_of(session, "Innodb_history_list_length"), .text = ""};
    }
    const Rows rows = session.query("SELECT count FROM information_schema.innodb_metrics WHERE "
                                    "name = 'trx_rseg_history_len' AND status = 'enabled'");
    return {.value = number_in(rows, "the server does not measure trx_rseg_history_len: SET GLOBAL "
                                     "innodb_monitor_enable = trx_rseg_history_len"),
            .text = ""};
}

ServerReading lock_waits(Session& session, const TableName& /*table*/)
{
    return {.value = status_of(session, "Innodb_row_lock_current_waits"), .text = ""};
}

ServerReading oldest_transaction(Session& session, const TableName& /*table*/)
{
    const Rows rows = session.query(
        "SELECT timestampdiff(MICROSECOND, trx_started, convert_tz(now(6), @@session.time_zone, "
        "'SYSTEM')) / 1000000, trx_mysql_thread_id FROM information_schema.innodb_trx WHERE "
        "trx_mysql_thread_id <> connection_id() AND NOT " +
        is_own_session("trx_mysql_thread_id") + " ORDER BY trx_started LIMIT 1");
    if (rows.empty()) {
        return {};
    }
    return {.value = std::max(number_in(rows, "the server did not tell"), 0.0),
            .text = "connection " + rows[0].at(1).value_or("")};
}

/// Nanoseconds since the server started; the throttle makes a share of it.
ServerReading flow_control(Session& session, const TableName& /*table*/)
{
    const Rows rows = session.query("SHOW GLOBAL STATUS LIKE 'wsrep_ready'");
    if (rows.empty() || rows[0].at(1) != "ON") {
        fail_signal("this server is no member of a Galera cluster that is ready (wsrep_ready)");
    }
    return {.value = status_of(session, "wsrep_flow_control_paused_ns"), .text = ""};
}

ServerReading free_disk(Session& session, const TableName& /*table*/)
{
    const Rows rows = session.query("SELECT @@hostname, @@datadir");
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || rows[0].at(0) != name.data()) {
        fail_signal("the server runs on another machine, and does not tell its free space: use a "
                    "probe or a query");
    }
    return free_space(rows[0].at(1).value_or(""));
}

/// "Slave_IO_Running" on one server is "Replica_IO_Running" on another.
std::string column(const Rows& rows, const Row& row, const std::string& old_name,
                   const std::string& new_name)
{
    for (std::size_t n = 0; n < rows.columns.size(); ++n) {
        if (rows.columns[n] == old_name || rows.columns[n] == new_name) {
            return row.at(n).value_or("");
        }
    }
    return {};
}

Rows replica_status(Session& session)
{
    constexpr int first_with_new_words = 80022;
    const Server& server = session.dialect().server();
    if (server.is_mariadb) {
        return session.query("SHOW ALL SLAVES STATUS");
    }
    return session.query(server.version >= first_with_new_words ? "SHOW REPLICA STATUS"
                                                                : "SHOW SLAVE STATUS");
}

} // namespace

const std::vector<SignalReader>& mysql_signals()
{
    static const std::vector<SignalReader> readers{{"flow_control", flow_control},
                                                   {"free_disk", free_disk},
                                                   {"history_list_length", history_list_length},
                                                   {"lock_waits", lock_waits},
                                                   {"oldest_transaction", oldest_transaction},
                                                   {"threads_running", threads_running}};
    return readers;
}

/// Of several sources the one that is furthest behind. A lag of NULL is none that is known.
ReplicaState read_mysql_replica(Session& session)
{
    const Rows rows = replica_status(session);
    if (rows.empty()) {
        fail_signal("it is not a replica: it has no source");
    }
    ReplicaState state;
    for (const Row& row : rows.rows) {
        const auto text = [&](const std::string& old_name, const std::string& new_name) {
            return column(rows, row, old_name, new_name);
        };
        const std::string behind = text("Seconds_Behind_Master", "Seconds_Behind_Source");
        if (behind.empty()) {
            const std::string failure =
                text("Last_SQL_Error", "Last_SQL_Error") + text("Last_IO_Error", "Last_IO_Error");
            fail_signal(fmt::format("it does not replicate (IO thread {}, SQL thread {}){}",
                                    text("Slave_IO_Running", "Replica_IO_Running"),
                                    text("Slave_SQL_Running", "Replica_SQL_Running"),
                                    failure.empty() ? "" : ": " + failure));
        }
        state.lag = std::max(state.lag.value_or(0), std::stod(behind));
    }
    return state;
}

} // namespace sluice
