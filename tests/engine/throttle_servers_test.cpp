#include "sluice/core/error.h"
#include "support/database.h"
#include "support/faults.h"
#include "support/private_server.h"
#include "support/throttle.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

// Each condition is really produced, on servers of their own: what one of them sees is the whole
// server's, and settings of it are needed.

namespace sluice {

namespace {

using namespace std::string_literals;

Rules rule(std::string_view key, std::string_view value)
{
    return with_rule({}, key, value);
}

/// A session that does not look like one of ours.
Session open_foreign(const test::PrivateServer& server)
{
    Session session = server.open();
    session.execute(test::by_engine("SET application_name = 'shop'",
                                    "DO release_lock(concat('sluice_session_', connection_id()))",
                                    ""));
    session.execute(
        test::by_engine("SET lock_timeout = 0", "SET innodb_lock_wait_timeout = 600", ""));
    return session;
}

/// A statement that runs on another thread until it ends, or is given up.
class Running {
public:
    Running(Session session, const std::string& sql)
        : session_(std::move(session)), thread_([this, sql] { run(sql); })
    {
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running()
    {
        while (!is_done_) { // a cancel that comes before the statement is lost
            session_.cancel();
            std::this_thread::yield();
        }
        thread_.join();
    }

private:
    void run(const std::string& sql)
    {
        try {
            session_.execute(sql);
        } catch (const Error&) {
            // given up
        }
        is_done_ = true;
    }

    Session session_;
    std::atomic<bool> is_done_{false};
    std::thread thread_;
};

/// Somebody waits behind us; who waits behind another is not counted.
void check_lock_waiters(const test::PrivateServer& server, Session& session)
{
    CHECK(test::signal_value(session, "lock_waiters") == 0);
    Session ours = server.connect()({.purpose = "run 1"});
    Session theirs = open_foreign(server);
    ours.execute("BEGIN");
    ours.execute("UPDATE t SET n = 1 WHERE id = 1");
    theirs.execute("BEGIN");
    theirs.execute("UPDATE t SET n = 1 WHERE id = 2");
    const Running behind_them(open_foreign(server), "UPDATE t SET n = 2 WHERE id = 2");
    const Running behind_us(open_foreign(server), "UPDATE t SET n = 2 WHERE id = 1");
    test::wait_until("both wait", [&] {
        return session.query("SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0] == "2";
    });
    CHECK(test::signal_value(session, "lock_waiters") == 1);
    ours.execute("ROLLBACK");
    test::await_signal(session, "lock_waiters", 0, 0);
    theirs.execute("ROLLBACK");
}

void check_oldest_transaction(const test::PrivateServer& server, Session& session)
{
    Session ours = server.connect()({.purpose = "run 1"});
    ours.execute("BEGIN");
    (void)ours.query("SELECT 1 FROM t");
    CHECK(test::signal_value(session, "oldest_transaction") == 0);
    Session theirs = open_foreign(server);
    theirs.execute("BEGIN");
    (void)theirs.query("SELECT 1 FROM t");
    test::await_signal(session, "oldest_transaction", 0.2, 60);
}

/// Two that sleep, one of them ours; `count` tells how many sleep.
void check_running(const test::PrivateServer& server, Session& session, const std::string& signal,
                   const std::string& sleep, const std::string& count)
{
    test::await_signal(session, signal, 0, 0);
    {
        const Running theirs(open_foreign(server), sleep);
        const Running ours(server.connect()({.purpose = "run 1"}), sleep);
        test::wait_until("both sleep", [&] { return session.query(count)[0][0] == "2"; });
        CHECK(test::signal_value(session, signal) == 1);
    }
    test::await_signal(session, signal, 0, 0);
}

/// Dead tuples, and a vacuum of the table by the server itself.
void check_vacuum(const test::PrivateServer& server, Session& session)
{
    server.open().execute("UPDATE t SET n = n + 1"); // tells its statistics when it ends
    test::await_signal(session, "dead_tuples", 5000, 1e9);
    CHECK(test::signal_value(session, "autovacuum") == 0);
    session.execute("ALTER TABLE t SET (autovacuum_enabled = on, autovacuum_vacuum_cost_delay = "
                    "100, autovacuum_vacuum_cost_limit = 1)");
    test::await_signal(session, "autovacuum", 1, 1);
    session.execute("SET lock_timeout = '30s'"); // the server's own vacuum gives way, after a while
    session.execute("ALTER TABLE t SET (autovacuum_enabled = off)");
    test::await_signal(session, "autovacuum", 0, 0);
}

void write_log(Session& session)
{
    session.execute("UPDATE t SET n = n + 1 WHERE id < 100");
    (void)session.query("SELECT pg_switch_wal()"); // wakes the archiver too
}

/// A slot that keeps the log, and an archive that takes none of it.
void check_log(Session& session)
{
    CHECK(test::signal_value(session, "slot_retention") == 0);
    (void)session.query("SELECT pg_create_physical_replication_slot('kept', true)");
    const double before = test::signal_value(session, "wal_archive_backlog");
    write_log(session);
    write_log(session);
    test::await_signal(session, "slot_retention", 16 * 0x1p20, 1e12);
    test::await_signal(session, "wal_archive_backlog", before + 2, 1e9);
    session.execute("ALTER SYSTEM SET archive_command = 'true'");
    (void)session.query("SELECT pg_reload_conf()");
    (void)session.query("SELECT pg_drop_replication_slot('kept')");
    test::await_signal(session, "slot_retention", 0, 0);
    test::wait_until("the archive has caught up", [&] {
        write_log(session);
        return test::signal_value(session, "wal_archive_backlog") < 2;
    });
}

/// What a user may not see is not taken for nothing.
void check_privileges(const test::PrivateServer& server, Session& session)
{
    session.execute_script("CREATE ROLE low LOGIN PASSWORD 'low'; GRANT SELECT ON t TO low");
    Url url = parse_url(server.url());
    url.user = "low";
    url.password = "low";
    Session low(url, {});
    const Session another = open_foreign(server);
    const auto failure = [&](const std::string& name) { return test::signal_failure(low, name); };
    const std::string needed = "GRANT pg_read_all_stats TO it";
    CHECK(failure("oldest_transaction").find(needed) != std::string::npos);
    CHECK(failure("active_sessions").find(needed) != std::string::npos);
    CHECK(failure("wal_archive_backlog").find("GRANT pg_monitor TO it") != std::string::npos);
    CHECK(failure("lock_waiters").find("read: 0") == 0);
    CHECK(failure("dead_tuples").find("read: ") == 0);
}

void check_history(const test::PrivateServer& server, Session& session)
{
    Session theirs = open_foreign(server);
    theirs.execute("SET tx_isolation = 'REPEATABLE-READ'");
    theirs.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    (void)theirs.query("SELECT 1 FROM t");
    for (int n = 0; n < 50; ++n) {
        session.execute("UPDATE t SET n = n + 1");
    }
    test::await_signal(session, "history_list_length", 30, 1e9);
    test::await_signal(session, "oldest_transaction", 0.2, 60);
}

void check_lock_waits(const test::PrivateServer& server, Session& session)
{
    CHECK(test::signal_value(session, "lock_waits") == 0);
    Session holder = server.open();
    holder.execute("BEGIN");
    holder.execute("UPDATE t SET n = 1 WHERE id = 1");
    const Running waiter(open_foreign(server), "UPDATE t SET n = 2 WHERE id = 1");
    test::await_signal(session, "lock_waits", 1, 1);
    holder.execute("ROLLBACK");
    test::await_signal(session, "lock_waits", 0, 0);
}

void check_replica_that_goes(const test::PrivateServer& replica, Session& there,
                             const Monitor& asking, const Monitor& seeing)
{
    if (test::engine() == Engine::mysql) {
        there.execute("STOP SLAVE SQL_THREAD");
        test::await_hold(asking, "it does not replicate (IO thread Yes, SQL thread No)");
    }
    replica.stop();
    test::await_hold(asking, "replica env:SLUICE_TEST_REPLICA: ");
    CHECK(reasons_text(asking.decision()).find(":sluice@") == std::string::npos);
    test::await_hold(seeing, test::by_engine("no replica is connected to this server",
                                             "replica env:SLUICE_TEST_REPLICA: ", ""));
}

} // namespace

TEST_CASE("replicas that lag hold work, those of an idle primary do not")
{
    if (test::engine() == Engine::sqlite) {
        return; // has none
    }
    const bool sees_replicas = test::engine() == Engine::postgresql;
    const test::PrivateServer primary(sees_replicas ? std::vector<std::string>{}
                                                    : std::vector{"--log-bin"s, "--server-id=1"s});
    const test::PrivateServer replica(test::ReplicaOf{primary});
    ::setenv("SLUICE_TEST_REPLICA", replica.url().c_str(), 1);
    Session writer = primary.open();
    writer.execute(test::make_table_t);
    test::HurriedClock clock;
    const Rules by_url =
        with_rule(rule("replica_lag", "900ms"), "replicas", "env:SLUICE_TEST_REPLICA");
    const Monitor asking(primary.connect(), clock, by_url, {});
    // Where the primary sees no replicas, a second one that asks them.
    const Monitor seeing(primary.connect(), clock,
                         sees_replicas ? rule("replica_lag", "900ms") : by_url, {});
    test::await_go(asking);
    test::await_go(seeing);
    Session there = replica.open();
    there.execute(test::by_engine("SELECT pg_wal_replay_pause()", "LOCK TABLES t READ", ""));
    writer.execute(test::insert_rows(1000));
    test::await_hold(asking, "(env:SLUICE_TEST_REPLICA) over 900ms");
    test::await_hold(seeing, "over 900ms");
    if (sees_replicas) {
        const Monitor counting(primary.connect(), clock, rule("replica_lag_bytes", "1kB"), {});
        test::await_hold(counting, "over 1kB");
    }
    there.execute(test::by_engine("SELECT pg_wal_replay_resume()", "UNLOCK TABLES", ""));
    test::await_go(asking);
    test::await_go(seeing);
    check_replica_that_goes(replica, there, asking, seeing);
}

TEST_CASE("what a PostgreSQL server suffers from is seen")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::PrivateServer server(
        {"archive_mode = on", "archive_command = 'false'", "autovacuum_naptime = 1s"});
    Session session = server.open();
    session.execute(test::make_table_t + " WITH (autovacuum_enabled = off)");
    session.execute(test::insert_rows(5000));
    check_lock_waiters(server, session);
    check_oldest_transaction(server, session);
    check_running(server, session, "active_sessions", "SELECT pg_sleep(600)",
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    check_vacuum(server, session);
    check_log(session);
    check_privileges(server, session);
}

TEST_CASE("what a MariaDB server suffers from is seen")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const test::PrivateServer server;
    Session session = server.open();
    session.execute(test::make_table_t);
    session.execute(test::insert_rows(100));
    check_running(server, session, "threads_running", "DO sleep(600)",
                  "SELECT count(*) FROM information_schema.processlist WHERE info = 'DO "
                  "sleep(600)'");
    check_history(server, session);
    check_lock_waits(server, session);
    CHECK(test::signal_failure(session, "flow_control").find("no member of a Galera cluster") !=
          std::string::npos);
    CHECK(test::signal_failure(session, "free_disk").find("read: ") == 0);
}

} // namespace sluice
