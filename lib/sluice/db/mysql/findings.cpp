#include "sluice/db/engine_findings.h"

#include <fmt/format.h>

#include <string>

namespace sluice {

namespace {

std::vector<Finding> open_transactions(Session& session, const FindingLimits& limits)
{
    // trx_started is in the server's own time zone, now() in the session's.
    const Rows rows = session.query(fmt::format(
        "SELECT x.trx_mysql_thread_id, p.user, p.host, coalesce(p.command, ''), timestampdiff("
        "SECOND, x.trx_started, convert_tz(now(), @@session.time_zone, 'SYSTEM')) AS age, p.time "
        "FROM information_schema.innodb_trx x LEFT JOIN information_schema.processlist p ON p.id = "
        "x.trx_mysql_thread_id WHERE x.trx_mysql_thread_id NOT IN (0, connection_id()) HAVING age "
        ">= {} ORDER BY age DESC",
        limits.transaction_age.count()));
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        const bool is_idle = row[3] == "Sleep";
        const auto age = [&](std::size_t n) {
            return age_text(std::chrono::seconds(std::stoll(row[n].value_or("0"))));
        };
        findings.push_back(
            {.severity = is_idle ? Severity::problem : Severity::warning,
             .check = is_idle ? "idle_in_transaction" : "old_transaction",
             .found =
                 fmt::format("connection {} ({}, user \"{}\") has a transaction open for {}{}",
                             row[0].value_or(""), row[2].value_or("host unknown"),
                             row[1].value_or(""), age(4), is_idle ? ", idle for " + age(5) : ""),
             .harm = "while it lasts, InnoDB keeps the old version of every row that a backfill "
                     "changes: reads become slow and the undo log grows",
             .remedy = fmt::format("let it end, or end it: KILL {}", row[0].value_or(""))});
    }
    return findings;
}

std::vector<Finding> prepared_transactions(Session& session)
{
    std::vector<Finding> findings;
    for (const Row& row : session.query("XA RECOVER").rows) {
        const std::string name = row.back().value_or("");
        findings.push_back({.severity = Severity::problem,
                            .check = "prepared_transaction",
                            .found = fmt::format("XA transaction \"{}\" is prepared and waits for "
                                                 "its second phase",
                                                 name),
                            .harm = "it keeps its row locks, even over a restart: batches that "
                                    "meet them wait for ever",
                            .remedy = fmt::format("XA COMMIT {0} or XA ROLLBACK {0}",
                                                  session.dialect().literal(name))});
    }
    return findings;
}

std::vector<Finding> binary_log(Session& session)
{
    const Rows rows =
        session.query("SELECT @@global.log_bin, @@global.binlog_format, @@global.binlog_row_image");
    if (rows[0][0] != "1") {
        return {};
    }
    std::vector<Finding> findings;
    const std::string format = rows[0][1].value_or("");
    if (format == "STATEMENT") {
        findings.push_back({.severity = Severity::problem,
                            .check = "binlog_format",
                            .found = "binlog_format is STATEMENT",
                            .harm = "batches run at READ COMMITTED, which InnoDB refuses to write "
                                    "to such a log",
                            .remedy = "SET GLOBAL binlog_format = 'ROW'"});
    }
    if (format != "STATEMENT" && rows[0][2] == "FULL") {
        findings.push_back({.severity = Severity::note,
                            .check = "binlog_row_image",
                            .found = "binlog_row_image is FULL",
                            .harm = "the log gets every column of every changed row twice",
                            .remedy = "mind the disk and the replicas; MINIMAL, where nobody who "
                                      "reads the log needs all columns"});
    }
    return findings;
}

std::vector<Finding> history(Session& session, const FindingLimits& limits)
{
    const Rows rows = session.query("SELECT COUNT FROM information_schema.INNODB_METRICS WHERE "
                                    "NAME = 'trx_rseg_history_len'");
    const std::int64_t length = rows.empty() ? 0 : std::stoll(rows[0][0].value_or("0"));
    if (length < limits.history_length) {
        return {};
    }
    return {{.severity = Severity::warning,
             .check = "history_length",
             .found = fmt::format("InnoDB's history has {} transactions to purge", length),
             .harm = "purge is behind already, and a backfill gives it more: every read of a "
                     "changed row becomes slower",
             .remedy = "end old transactions, and wait until it shrinks; in [env.….throttle] of "
                       "sluice.toml a limit makes a backfill wait"}};
}

std::vector<Finding> replicas(Session& session)
{
    const Rows rows = session.query("SELECT user, host FROM information_schema.processlist WHERE "
                                    "command LIKE 'Binlog Dump%' ORDER BY host");
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "replica_unreadable",
             .found = fmt::format("a replica follows this server (user \"{}\" from {})",
                                  row[0].value_or(""), row[1].value_or("")),
             .harm = "a backfill can leave it behind, and only the replica itself knows how far",
             .remedy = "give its URL and a limit in [env.….throttle] of sluice.toml"});
    }
    return findings;
}

std::vector<Finding> foreign_engines(Session& session)
{
    const Rows rows = session.query(
        "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = database() "
        "AND table_type = 'BASE TABLE' AND engine <> 'InnoDB' ORDER BY table_name");
    std::vector<Finding> findings;
    for (const Row& row : rows.rows) {
        findings.push_back(
            {.severity = Severity::warning,
             .check = "not_innodb",
             .found = fmt::format("table \"{}\" is kept by {}", row[0].value_or(""),
                                  row[1].value_or("")),
             .harm =
                 "it knows no transactions: a trigger that writes to it, or a backfill from it, "
                 "cannot be taken back with its batch",
             .remedy = fmt::format("ALTER TABLE {} ENGINE = InnoDB",
                                   session.dialect().quote(row[0].value_or("")))});
    }
    return findings;
}

bool changes_rows(const std::string& action)
{
    return action == "CASCADE" || action == "SET NULL" || action == "SET DEFAULT";
}

std::vector<Finding> cascades(const std::vector<Table>& tables)
{
    std::vector<Finding> findings;
    for (const Table& table : tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            const bool by_delete = key.on_delete != "CASCADE" && changes_rows(key.on_delete);
            if (!changes_rows(key.on_update) && !by_delete) {
                continue; // a row that is deleted needs no trigger
            }
            findings.push_back(
                {.severity = Severity::warning,
                 .check = "cascade",
                 .found = fmt::format("foreign key \"{}\" changes rows of table \"{}\" ({} {})",
                                      key.name, display(table.name),
                                      by_delete ? "ON DELETE" : "ON UPDATE",
                                      by_delete ? key.on_delete : key.on_update),
                 .harm = "no trigger fires for that, so that old and new columns may get out of "
                         "step",
                 .remedy =
                     "let the application change the rows itself; verify finds what is out of "
                     "step"});
        }
    }
    return findings;
}

} // namespace

std::vector<Finding> mysql_findings(Session& session, const std::vector<Table>& tables,
                                    const FindingLimits& limits)
{
    std::vector<Finding> findings;
    const auto add = [&](const std::string& what,
                         const std::function<std::vector<Finding>()>& check) {
        add_checked(findings, what, check);
    };
    add("the transactions", [&] { return open_transactions(session, limits); });
    add("the prepared transactions", [&] { return prepared_transactions(session); });
    add("the binary log's settings", [&] { return binary_log(session); });
    add("InnoDB's history", [&] { return history(session, limits); });
    add("the replicas", [&] { return replicas(session); });
    add("the storage engines", [&] { return foreign_engines(session); });
    add("the foreign keys", [&] { return cascades(tables); });
    return findings;
}

} // namespace sluice
