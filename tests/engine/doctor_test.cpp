#include "sluice/run/doctor.h"
#include "support/backfill.h"
#include "support/database.h"
#include "support/other_process.h"
#include "support/private_server.h"
#include "support/program.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sluice {

namespace {

using namespace std::chrono_literals;
using Findings = std::vector<Finding>;

Plan plan_of(BackfillWork work)
{
    Plan plan;
    plan.actions.push_back({.phase = Phase::migrate, .work = std::move(work)});
    return plan;
}

/// Every transaction is old.
FindingLimits strict()
{
    return {.transaction_age = 0s};
}

Findings examined(Session& session, const FindingLimits& limits = strict())
{
    return find_harm(session, {plan_of(test::username_work())}, limits);
}

Findings examined(const test::TestDatabase& database, const FindingLimits& limits = strict())
{
    Session session = database.open({.purpose = "doctor"});
    return examined(session, limits);
}

/// Those of one check that say `part`.
Findings only(const Findings& findings, const std::string& check, const std::string& part = "")
{
    Findings found;
    std::copy_if(findings.begin(), findings.end(), std::back_inserter(found),
                 [&](const Finding& finding) {
                     return finding.check == check && finding.found.find(part) != std::string::npos;
                 });
    return found;
}

/// What the server only tells after a while; fails the test where it never does. MariaDB shows the
/// transactions of a moment ago to who asks again within a tenth of a second, also of others.
Findings await(const std::function<Findings()>& ask)
{
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    Findings found = ask();
    while (found.empty() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(150ms);
        found = ask();
    }
    REQUIRE_FALSE(found.empty());
    return found;
}

std::vector<std::string> with_name(const std::string& program, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), program);
    return arguments;
}

/// Another program, until the end of the scope.
class Follower {
public:
    Follower(const std::string& program, const std::vector<std::string>& arguments)
        : pid_(test::start_executable("/usr/bin/env", with_name(program, arguments)))
    {
    }

    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    ~Follower()
    {
        ::kill(pid_, SIGTERM);
        (void)test::await_program(pid_);
    }

private:
    pid_t pid_;
};

bool is(Engine engine)
{
    return test::engine() == engine;
}

} // namespace

TEST_CASE("in a database where nothing is wrong nothing of it is found")
{
    const test::TestDatabase database;
    test::make_users(database, 10);
    database.run(test::by_engine("ANALYZE users", "SELECT 1", "SELECT 1"));
    // On a server that other tests use, only what is this database's own counts.
    for (const Finding& finding : examined(database)) {
        CAPTURE(finding.found);
        CHECK(is(Engine::mysql));
        const bool is_of_server =
            finding.check == "prepared_transaction" || finding.check == "idle_in_transaction" ||
            finding.check == "old_transaction" || finding.check == "history_length";
        CHECK(is_of_server);
    }
}

TEST_CASE("a transaction that idles is found with who has it, and not when it is young")
{
    if (is(Engine::sqlite)) {
        return; // shows as a reader
    }
    const test::TestDatabase database;
    test::make_users(database, 10);
    Session other = database.open({.purpose = "nightly report"});
    other.begin();
    other.execute("UPDATE users SET n = 1 WHERE n = 0");
    const std::string id = other.connection_id().substr(0, other.connection_id().find('@'));
    const std::string who = test::by_engine("pid ", "connection ", "") + id + " (";
    const Findings found =
        await([&] { return only(examined(database), "idle_in_transaction", who); });
    CHECK(found[0].severity == Severity::problem);
    CHECK(found[0].found.find(test::by_engine("sluice nightly report, user \"postgres\"",
                                              "user \"sluice\"", "")) != std::string::npos);
    CHECK(found[0].remedy.find(test::by_engine("pg_terminate_backend(" + id, "KILL " + id, "")) !=
          std::string::npos);
    CHECK(only(examined(database, {.transaction_age = 3600s}), "idle_in_transaction", who).empty());
    other.rollback();
}

TEST_CASE("a foreign row trigger and an index on the target are found, sluice's own are not")
{
    const test::TestDatabase database;
    test::make_users(database, 10);
    database.run(
        "CREATE INDEX users_username ON users (username); CREATE INDEX users_n ON users (n)");
    Session session = database.open();
    if (is(Engine::postgresql)) {
        session.execute("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN "
                        "NEW; END'");
        session.execute("CREATE TRIGGER each_statement AFTER UPDATE ON users FOR EACH STATEMENT "
                        "EXECUTE FUNCTION f()");
    }
    for (const std::string name : {"audit", "sluice_1_1_upd"}) {
        session.execute("CREATE TRIGGER " + name +
                        test::by_engine(" BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()",
                                        " BEFORE UPDATE ON users FOR EACH ROW SET NEW.n = NEW.n",
                                        " BEFORE UPDATE ON users BEGIN SELECT 1; END"));
    }
    session.execute("CREATE TRIGGER on_delete" +
                    test::by_engine(" BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION f()",
                                    " BEFORE DELETE ON users FOR EACH ROW SET @a = 1",
                                    " BEFORE DELETE ON users BEGIN SELECT 1; END"));
    const Findings found = examined(session);
    REQUIRE(only(found, "row_trigger").size() == 1);
    CHECK(only(found, "row_trigger")[0].found.find("\"audit\" of table") != std::string::npos);
    REQUIRE(only(found, "index_on_target").size() == 1);
    CHECK(only(found, "index_on_target", "\"users_username\"").size() == 1);
}

TEST_CASE("a table that vacuum and statistics do not reach is found")
{
    if (!is(Engine::postgresql)) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, 3'000);
    database.run("ALTER TABLE users SET (autovacuum_enabled = off)");
    Findings found = examined(database);
    CHECK(only(found, "never_analyzed").size() == 1);
    CHECK(only(found, "autovacuum_off").size() == 1);
    CHECK(only(found, "fillfactor").empty());
    CHECK(found[0].severity == Severity::problem); // the worst first
    database.run("ANALYZE users; CREATE INDEX users_n ON users (n)");
    database.run("UPDATE users SET n = n + 1");
    found = await([&] { return only(examined(database), "dead_rows"); });
    CHECK(found[0].remedy == R"(VACUUM (ANALYZE) "public"."users")");
    found = examined(database);
    CHECK(only(found, "never_analyzed").empty());
    CHECK(only(found, "few_hot_updates", " 0 % were HOT").size() == 1);
    CHECK(only(found, "fillfactor").size() == 1);
    database.run("ALTER TABLE users SET (fillfactor = 80)");
    CHECK(only(examined(database), "fillfactor").empty());
}

TEST_CASE("who may not see others is told so")
{
    if (!is(Engine::postgresql)) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, 10);
    Session admin = database.open();
    const std::string role = "doctor_" + std::to_string(::getpid());
    admin.execute("CREATE ROLE " + role);
    admin.execute("GRANT " + role + " TO CURRENT_USER");
    Session session = database.open();
    session.execute("SET ROLE " + role);
    const Findings found = database_findings(session, {}, strict());
    CHECK(only(found, "unseen", "\"" + role + "\"").size() == 1);
    session.execute("RESET ROLE");
    CHECK(only(database_findings(session, {}, strict()), "unseen").empty());
    admin.execute("DROP ROLE " + role);
}

TEST_CASE("second phases, an archiver that fails, slots and followers are found")
{
    if (!is(Engine::postgresql)) {
        return;
    }
    ::setenv("SLUICE_TEST_POSTGRESQL_SETTINGS",
             "max_prepared_transactions = 5\narchive_mode = on\narchive_command = 'false'", 1);
    test::PrivateServer server;
    ::unsetenv("SLUICE_TEST_POSTGRESQL_SETTINGS");
    const std::string url = server.make_database();
    Session session(parse_url(url), {});
    const auto look = [&](const std::string& check) {
        return only(database_findings(session, {}, strict()), check);
    };
    session.execute("CREATE TABLE t (id integer)");
    session.execute("BEGIN");
    session.execute("INSERT INTO t VALUES (1)");
    session.execute("PREPARE TRANSACTION 'it''s'");
    REQUIRE(look("prepared_transaction").size() == 1);
    CHECK(look("prepared_transaction")[0].remedy.find("ROLLBACK PREPARED 'it''s'") !=
          std::string::npos);
    session.execute("ROLLBACK PREPARED 'it''s'");
    CHECK(look("prepared_transaction").empty());

    session.execute("SELECT pg_switch_wal()");
    CHECK(await([&] { return look("archiver_failing"); })[0].found.find("never succeeded") !=
          std::string::npos);

    CHECK(look("slot_inactive").empty());
    session.execute("SELECT pg_create_physical_replication_slot('left_behind', true)");
    CHECK(look("slot_inactive").size() == 1);

    CHECK(look("replica_unreadable").empty());
    const TemporaryDirectory directory;
    const Follower follower("pg_receivewal", {"-D", directory.path().string(), "-d", url, "-S",
                                              "left_behind", "--no-loop"});
    CHECK(await([&] { return look("replica_unreadable"); })[0].found.find("pg_receivewal") !=
          std::string::npos);
    CHECK(look("slot_inactive").empty()); // it has found its consumer
    CHECK(only(database_findings(session, {}, {.kept_log_bytes = 0}), "slot_keeps_wal").size() ==
          1);
    // It takes the slot a little later.
    FindingLimits limits = strict();
    limits.kept_log_bytes = 0;
    CHECK(await([&] {
              return only(database_findings(session, {}, limits), "slot_keeps_wal", "left_behind");
          }).size() == 1);
    CHECK(look("slot_inactive").empty());
    session.execute("CREATE ROLE blind");
    session.execute("SET ROLE blind");
    CHECK(look("replica_unreadable")[0].severity == Severity::problem);
}

TEST_CASE("a binary log of statements, one of whole rows, and who reads it, are found")
{
    if (!is(Engine::mysql)) {
        return;
    }
    ::setenv("SLUICE_TEST_MYSQL_OPTIONS", "--log-bin=bin --server-id=1", 1);
    test::PrivateServer server;
    ::unsetenv("SLUICE_TEST_MYSQL_OPTIONS");
    const Url url = parse_url(server.make_database());
    Session session(url, {});
    const auto look = [&](const std::string& check) {
        return only(database_findings(session, {}, strict()), check);
    };
    session.execute("SET GLOBAL binlog_format = STATEMENT");
    CHECK(look("binlog_format").size() == 1);
    CHECK(look("binlog_row_image").empty());
    session.execute("SET GLOBAL binlog_format = ROW");
    CHECK(look("binlog_format").empty());
    CHECK(look("binlog_row_image").size() == 1);
    CHECK(look("replica_unreadable").empty());
    const TemporaryDirectory directory;
    const Follower follower("mariadb-binlog",
                            {"--no-defaults", "--read-from-remote-server", "--stop-never", "--raw",
                             "--result-file=" + directory.path().string() + "/",
                             "--host=" + url.host, "--port=" + std::to_string(url.port),
                             "--user=" + url.user, "--password=" + url.password, "bin.000001"});
    CHECK(await([&] { return look("replica_unreadable"); })[0].found.find("user \"sluice\"") !=
          std::string::npos);
}

TEST_CASE("cascades, tables without transactions, XA and a long history are found")
{
    if (!is(Engine::mysql)) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, 10);
    database.run("CREATE TABLE team (id bigint PRIMARY KEY) ENGINE=InnoDB; "
                 "CREATE TABLE old (id int) ENGINE=MyISAM; "
                 "ALTER TABLE users ADD COLUMN team bigint, ADD COLUMN boss bigint, ADD CONSTRAINT "
                 "in_team FOREIGN KEY (team) REFERENCES team (id) ON DELETE SET NULL, ADD "
                 "CONSTRAINT with_boss FOREIGN KEY (boss) REFERENCES team (id) ON DELETE CASCADE");
    const Findings found = examined(database);
    REQUIRE(only(found, "cascade").size() == 1);
    CHECK(only(found, "cascade", "\"in_team\"").size() == 1);
    CHECK(only(found, "not_innodb", "\"old\" is kept by MyISAM").size() == 1);

    const std::string name = "doctor " + database.value("SELECT database()");
    Session session = database.open();
    session.execute("XA START '" + name + "'");
    session.execute("UPDATE users SET n = 1 WHERE id = 3");
    session.execute("XA END '" + name + "'");
    session.execute("XA PREPARE '" + name + "'");
    CHECK(only(examined(database), "prepared_transaction", name).size() == 1);
    session.execute("XA ROLLBACK '" + name + "'");
    CHECK(only(examined(database), "prepared_transaction", name).empty());

    session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    Session writer = database.open();
    for (int n = 0; n < 30; ++n) {
        writer.execute("UPDATE users SET n = n + 1");
    }
    FindingLimits limits = strict();
    limits.history_length = 20;
    CHECK(await([&] { return only(examined(database, limits), "history_length"); }).size() == 1);
    session.execute("ROLLBACK");
}

TEST_CASE("an open reader is found with its process, and gone when it ends")
{
    if (!is(Engine::sqlite)) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, 10);
    {
        const test::OtherProcess reader(database, "SELECT count(*) FROM users");
        database.run("UPDATE users SET n = n + 1");
        const Findings found = only(examined(database), "open_reader");
        REQUIRE(found.size() == 1);
        CHECK(found[0].severity == Severity::problem);
        CHECK(found[0].found.find("process " + std::to_string(reader.pid()) + " (engine_tests") !=
              std::string::npos);
    }
    CHECK(only(examined(database), "open_reader").empty());
}

TEST_CASE("a rollback journal, small pages, a large log and a full disk are found")
{
    if (!is(Engine::sqlite)) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, 10);
    CHECK(findings_before_opening(database.url()).empty());
    Session session = database.open();
    for (const char* statement :
         {"PRAGMA journal_mode = DELETE", "PRAGMA page_size = 1024", "VACUUM"}) {
        session.execute(statement);
    }
    CHECK(only(findings_before_opening(database.url()), "journal_mode").size() == 1);
    CHECK(only(examined(database), "page_size").size() == 1);
    CHECK(findings_before_opening(database.url()).empty()); // examined in WAL mode
    CHECK(findings_before_opening({.path = "/no/such/file"}).empty());
    Session writer = database.open();
    writer.execute("UPDATE users SET n = n + 1");
    FindingLimits limits = strict();
    limits.wal_file_bytes = 1;
    limits.free_space = 1e12;
    CHECK(only(examined(database, limits), "large_wal").size() == 1);
    CHECK(only(examined(database, limits), "free_space").size() == 1);
}

} // namespace sluice
