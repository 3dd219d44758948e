#include "sluice/core/error.h"
#include "sluice/state/lease.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"
#include "support/project.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::error_of;
using test::Project;

namespace {

bool has_column(const Project& project, const std::string& column)
{
    return project.schema().at(0).find(column) != nullptr;
}

void check_same(const std::vector<Table>& before, const std::vector<Table>& after)
{
    REQUIRE(before.size() == after.size());
    for (std::size_t n = 0; n < before.size(); ++n) {
        CHECK(differences(before[n], after[n]) == std::vector<std::string>{});
    }
}

std::string ledger_of(const Project& project)
{
    Session session = project.database.open();
    std::string text;
    for (const LedgerEntry& entry : read_ledger(session, 100)) {
        text += entry.verb + ":" + entry.from + ">" + entry.to + " ";
    }
    return text;
}

} // namespace

TEST_CASE("a migration that is written out goes through its phases one command at a time")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    CHECK(project.runner().expand(migration) == RunEnd::done);
    CHECK(project.state() == State::expanded);
    CHECK(project.database.value("SELECT count(initial) FROM people") == "0");
    CHECK(project.runner().migrate(migration) == RunEnd::done);
    CHECK(project.state() == State::migrated);
    CHECK(project.database.value("SELECT count(*) FROM people WHERE initial = 'n'") == "25");
    CHECK(has_column(project, "age"));
    CHECK(project.runner().contract(migration) == RunEnd::done);
    CHECK(project.state() == State::contracted);
    CHECK_FALSE(has_column(project, "age"));
    CHECK(project.runner().purge(migration) == RunEnd::done);
    CHECK(project.state() == State::purged);
    CHECK(ledger_of(project) == "expand:pending>expanding expand:expanding>expanded "
                                "migrate:expanded>migrating migrate:migrating>migrated "
                                "contract:migrated>contracting contract:contracting>contracted "
                                "purge:contracted>purged ");
}

TEST_CASE("every command may be given again, and does nothing the second time")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    std::size_t finished = 0;
    for (int n = 1; n <= 2; ++n) {
        CHECK(project.runner().expand(migration) == RunEnd::done);
        CHECK(project.runner().apply() == RunEnd::done);
        CHECK(project.runner().contract(migration) == RunEnd::done);
        finished = n == 1 ? project.listener.all<ActionFinished>().size() : finished;
    }
    CHECK(finished > 0);
    CHECK(project.listener.all<ActionFinished>().size() == finished);
}

TEST_CASE("a declared rename goes through its whole life, and the table has the new name only")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.rows("people", "id, full_name") == project.rows("people", "id, name"));
    CHECK(project.runner().contract(migration) == RunEnd::done);
    CHECK_FALSE(has_column(project, "full_name"));
    CHECK(project.runner().purge(migration) == RunEnd::done);
    const std::vector<Table> schema = project.schema();
    CHECK(schema.at(0).columns.size() == 3);
    CHECK_FALSE(schema.at(0).find("name")->nullable);
    CHECK(schema.at(0).triggers.empty());
    CHECK(project.database.value("SELECT name FROM people WHERE id = 7") == "name 7");
}

TEST_CASE("rollback takes a rename back from every phase, and leaves nothing behind")
{
    for (const State from : {State::expanded, State::migrated, State::contracted}) {
        CAPTURE(name_of(from));
        Project project;
        const std::vector<Table> schema = project.schema();
        const std::string rows = project.rows("people", "id, full_name, age");
        const Migration& migration = project.add("1_rename", test::rename_full_name);
        (void)project.runner().expand(migration);
        if (from != State::expanded) {
            (void)project.runner().migrate(migration);
        }
        if (from == State::contracted) {
            (void)project.runner().contract(migration);
            CHECK(project.runner().rollback(migration) == RunEnd::done);
            CHECK(project.state() == State::migrated);
        }
        CHECK(project.runner().rollback(migration) == RunEnd::done);
        CHECK(project.state() == State::pending);
        check_same(schema, project.schema());
        CHECK(project.rows("people", "id, full_name, age") == rows);
        Session session = project.database.open();
        CHECK(Runs(session).all().empty());
    }
}

TEST_CASE("after the way back from contract, contract verifies again before it goes on")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    (void)project.runner().contract(migration);
    (void)project.runner().rollback(migration);
    Session session = project.database.open();
    CHECK_FALSE(check_gate(session, migration).is_open());
    CHECK(project.runner().contract(migration) == RunEnd::done);
    CHECK(project.state() == State::contracted);
}

TEST_CASE("a migration that was rolled back is planned anew when it is applied again")
{
    Project project;
    project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    (void)project.runner().rollback(project.migration());
    project.edit("1_rename", test::written_out);
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(has_column(project, "initial"));
    CHECK_FALSE(has_column(project, "name"));
}

TEST_CASE("rolling back what has not begun says so and changes nothing")
{
    Project project;
    project.add("1_rename", test::rename_full_name);
    CHECK(project.runner().rollback(project.migration()) == RunEnd::done);
    CHECK(project.listener.all<Note>().size() == 1);
    CHECK(project.state() == State::pending);
}

TEST_CASE("rollback past what has no undo is refused before anything is taken back")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    (void)project.runner().apply();
    (void)project.runner().contract(migration);
    const Error error = error_of([&] { (void)project.runner().rollback(migration); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("DROP COLUMN age") != std::string::npos);
    CHECK(project.state() == State::contracted);
    CHECK(has_column(project, "initial"));
}

TEST_CASE("what was purged cannot be taken back")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    (void)project.runner().contract(migration);
    (void)project.runner().purge(migration);
    CHECK(error_of([&] { (void)project.runner().rollback(migration); }).kind == ErrorKind::refused);
    CHECK(project.state() == State::purged);
}

TEST_CASE("apply takes pending migrations in order and leaves the others alone")
{
    Project project;
    project.add("1_initials", test::written_out);
    (void)project.runner().apply();
    project.add("2_rename", test::rename_full_name);
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.state(0) == State::migrated);
    CHECK(project.state(1) == State::migrated);
}

TEST_CASE("a file that sorts before an applied one is refused, with the two ways out")
{
    Project project;
    project.add("2_rename", test::rename_full_name);
    (void)project.runner().apply();
    project.migrations.insert(project.migrations.begin(),
                              parse_migration(test::written_out, "migrations/1_initials.toml"));
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("1_initials") != std::string::npos);
    CHECK(error.details.hint.find("--allow-late") != std::string::npos);
    CHECK(error.details.hint.find("ename the file") != std::string::npos);
    CHECK_FALSE(has_column(project, "initial"));
    project.options.allow_late = true;
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(has_column(project, "initial"));
}

TEST_CASE(
    "a file that was edited after it was applied is refused; its pace and its gate may change")
{
    Project project;
    project.add("1_initials", test::written_out);
    (void)project.runner().apply();
    project.edit("1_initials", std::string(test::written_out) + "[gate]\nsoak = \"1h\"\n");
    CHECK(project.runner().apply() == RunEnd::done);
    project.edit("1_initials", test::rename_full_name);
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("was edited") != std::string::npos);
    Session session = project.database.open();
    CHECK(read_status(session, project.migrations).at(0).is_edited);
}

TEST_CASE("SQL that does not parse is found before anything is changed")
{
    Project project;
    const std::vector<Table> schema = project.schema();
    project.add("1_broken", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN initial varchar(10)"
undo = "ALTER TABLE people DROP COLUMN initial"
[[backfill]]
table = "people"
set = { initial = "substr(full_name, 1, (" }
where = "initial IS NULL"
)toml");
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message.find("1_broken.toml") != std::string::npos);
    CHECK(project.state() == State::pending);
    check_same(schema, project.schema());
}

TEST_CASE("an action that fails is recorded and shown, and the next apply tries it again")
{
    Project project;
    project.add("1_two", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN initial varchar(10)"
undo = "ALTER TABLE people DROP COLUMN initial"
[[expand]]
sql = "INSERT INTO people (id, full_name) VALUES (1, 'twice')"
undo = "DELETE FROM people WHERE full_name = 'twice'"
)toml");
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::sql);
    CHECK(error.message.find("action 2") != std::string::npos);
    CHECK(project.state() == State::expanding);
    Session session = project.database.open();
    CHECK(read_status(session, project.migrations).at(0).failed_action.find("INSERT INTO people") !=
          std::string::npos);
    CHECK(project.listener.all<ActionFailed>().size() == 1);
    project.database.run("DELETE FROM people WHERE id = 1");
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.state() == State::migrated);
    CHECK(read_status(session, project.migrations).at(0).failed_action.empty());
    CHECK(project.database.value("SELECT full_name FROM people WHERE id = 1") == "twice");
}

TEST_CASE("a migration whose action failed can be rolled back")
{
    Project project;
    const std::vector<Table> schema = project.schema();
    project.add("1_two", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN initial varchar(10)"
undo = "ALTER TABLE people DROP COLUMN initial"
[[expand]]
sql = "INSERT INTO people (id, full_name) VALUES (1, 'twice')"
undo = "DELETE FROM people WHERE full_name = 'twice'"
)toml");
    CHECK(error_of([&] { (void)project.runner().apply(); }).details.cause == Cause::constraint);
    CHECK(project.runner().rollback(project.migration()) == RunEnd::done);
    CHECK(project.state() == State::pending);
    check_same(schema, project.schema());
}

TEST_CASE("rows that fail verification are listed, and the migration goes on when they are mended")
{
    Project project;
    project.add("1_check", R"toml(
[[verify]]
table = "people"
expect = "age < 24"
)toml");
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("24") != std::string::npos);
    CHECK(error.message.find("25") != std::string::npos);
    CHECK(project.state() == State::migrating);
    project.database.run("UPDATE people SET age = 1");
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.state() == State::migrated);
}

TEST_CASE("a failed verification shuts the gate until it passes again")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    (void)project.runner().apply();
    project.database.run("UPDATE people SET initial = '?' WHERE id = 3");
    const std::vector<VerifyReport> reports = project.runner().verify(migration);
    CHECK(std::any_of(reports.begin(), reports.end(),
                      [](const VerifyReport& report) { return report.failures == 1; }));
    CHECK(error_of([&] { (void)project.runner().contract(migration); }).kind == ErrorKind::refused);
    CHECK(project.state() == State::migrated);
    project.database.run("UPDATE people SET initial = 'n' WHERE id = 3");
    CHECK(project.runner().contract(migration) == RunEnd::done);
}

TEST_CASE("a run that was cancelled stays so until it is resumed, and can be rolled back")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    int batches = 0;
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) && ++batches == 1) {
            Session session = project.database.open();
            (void)Runs(session).ask(1, Desired::cancelled);
        }
    };
    CHECK(project.runner().apply() == RunEnd::cancelled);
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.details.hint.find("sluice resume 1") != std::string::npos);
    CHECK(project.state() == State::migrating);
    {
        Session session = project.database.open();
        (void)Runs(session).ask(1, Desired::running);
    }
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value("SELECT count(initial) FROM people") == "25");
    CHECK(project.runner().rollback(migration) == RunEnd::done);
    CHECK(project.state() == State::pending);
}

TEST_CASE("asked to stop, it stops between actions and within a backfill, and goes on later")
{
    Project project;
    project.add("1_initials", test::written_out);
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) ||
            std::holds_alternative<ActionFinished>(event)) {
            project.stop.request_stop();
        }
    };
    CHECK(project.runner().apply() == RunEnd::interrupted);
    CHECK(project.state() == State::migrating);
    project.stop = std::stop_source{};
    CHECK(project.runner().apply() == RunEnd::interrupted);
    project.listener.on_event = {};
    project.stop = std::stop_source{};
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.database.value("SELECT count(initial) FROM people") == "25");
}

TEST_CASE("a table that somebody else changed stops the next schema change, with the differences")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    project.database.run("ALTER TABLE people ADD COLUMN surprise int");
    Session session = project.database.open();
    CHECK_FALSE(check_gate(session, migration).is_open());
    const Error error = error_of([&] { (void)project.runner().contract(migration); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.message.find("surprise") != std::string::npos);
    CHECK(project.state() == State::migrated);
    project.database.run("ALTER TABLE people DROP COLUMN surprise");
    CHECK(project.runner().contract(migration) == RunEnd::done);
}

TEST_CASE("drift can be accepted, which the ledger remembers")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    project.database.run("ALTER TABLE people ADD COLUMN surprise int");
    project.options.accept_drift = true;
    project.options.reason = "it is fine";
    CHECK(project.runner().contract(migration) == RunEnd::done);
    CHECK(ledger_of(project).find("accept-drift") != std::string::npos);
    CHECK(has_column(project, "surprise"));
}

TEST_CASE("what another migration does to the same table is not drift")
{
    Project project;
    const Migration first = project.add("1_rename", test::rename_full_name);
    (void)project.runner().apply();
    project.add("2_more", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN shoe_size int"
undo = "ALTER TABLE people DROP COLUMN shoe_size"
)toml");
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(project.runner().contract(first) == RunEnd::done);
}

TEST_CASE(
    "a new migration may begin on a table that somebody changed, unless another awaits contract")
{
    Project project;
    project.add("1_more", R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN shoe_size int"
undo = "ALTER TABLE people DROP COLUMN shoe_size"
)toml");
    (void)project.runner().apply();
    project.database.run("ALTER TABLE people ADD COLUMN surprise int");
    project.add("2_rename", test::rename_full_name);
    CHECK(project.runner().apply() == RunEnd::done);
    project.database.run("ALTER TABLE people ADD COLUMN another int");
    project.add("3_initials", test::written_out);
    CHECK(error_of([&] { (void)project.runner().apply(); }).kind == ErrorKind::refused);
    CHECK(project.state(2) == State::pending);
}

TEST_CASE("a second runner is refused while the first holds the database")
{
    Project project;
    project.add("1_initials", test::written_out);
    Session session = project.database.open();
    ensure_state(session);
    Actor elsewhere = current_actor();
    elsewhere.host = "elsewhere";
    elsewhere.started.clear();
    const Lease lease(session, project.database.connect(), project.clock, {elsewhere, "apply"});
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.kind == ErrorKind::held);
    CHECK(error.message.find("elsewhere") != std::string::npos);
    CHECK(project.state() == State::pending);
}

TEST_CASE("a runner whose lease was taken in the middle writes nothing more")
{
    Project project;
    project.add("1_initials", test::written_out);
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<ActionStarted>(event)) {
            Session session = project.database.open();
            (void)break_lease(session);
        }
    };
    CHECK(error_of([&] { (void)project.runner().apply(); }).kind == ErrorKind::held);
    CHECK_FALSE(has_column(project, "initial"));
    project.listener.on_event = {};
    CHECK(project.runner().apply() == RunEnd::done);
}

TEST_CASE("a lock that is not granted is asked for again, and in the end nothing has changed")
{
    Project project;
    const std::vector<Table> schema = project.schema();
    project.add("1_initials", test::written_out);
    project.options.lock_attempts = 2;
    project.options.actor.pid =
        4'190'000; // gone afterwards: SQLite cannot even give the lease back
    Session application = project.database.open();
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<ActionStarted>(event)) {
            application.begin();
            application.execute("UPDATE people SET age = 0 WHERE id = 1");
        }
    };
    const Error error = error_of([&] { (void)project.runner().apply(); });
    CHECK(error.details.cause == Cause::lock_timeout);
    CHECK(project.listener.all<Retrying>().size() >= 1);
    application.rollback();
    check_same(schema, project.schema());
    project.listener.on_event = {};
    CHECK(project.runner().apply() == RunEnd::done);
}

TEST_CASE("a runner whose session was ended during a backfill opens another and goes on")
{
    Project project;
    project.add("1_initials", test::written_out);
    Session administrator = project.database.open();
    if (!administrator.dialect().capabilities().terminates_sessions) {
        CHECK(administrator.connection_id().empty());
        return;
    }
    int batches = 0;
    project.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) && ++batches == 1) {
            administrator.terminate(lease_holder(administrator)->connection_id);
        }
    };
    CHECK(project.runner().apply() == RunEnd::done);
    CHECK(batches > 1);
    CHECK_FALSE(lease_holder(administrator).has_value());
}

TEST_CASE("planning changes nothing, and shows what was recorded once a migration has begun")
{
    Project project;
    const Migration& migration = project.add("1_rename", test::rename_full_name);
    const Plan planned = project.runner().plan(migration);
    CHECK(planned.actions.size() > 3);
    Session session = project.database.open();
    CHECK_FALSE(find_state(session).has_value());
    (void)project.runner().expand(migration);
    CHECK(project.runner().plan(migration).actions == planned.actions);
}

TEST_CASE("status works on a database that sluice has never seen, and asks a constant number of "
          "questions")
{
    Project project;
    project.add("1_rename", test::rename_full_name);
    Session never = project.database.open();
    CHECK(read_status(never, project.migrations).at(0).state == State::pending);
    CHECK_FALSE(find_state(never).has_value());
    (void)project.runner().apply();
    int statements = 0;
    Session counted = project.database.open(
        {.before_statement = [&](std::string_view, std::string_view) { ++statements; }});
    statements = 0;
    CHECK(read_status(counted, project.migrations).at(0).state == State::migrated);
    CHECK(statements <= 4);
}

TEST_CASE("status shows a late file, and an applied migration whose file is gone")
{
    Project project;
    project.add("2_rename", test::rename_full_name);
    (void)project.runner().apply();
    project.migrations.clear();
    project.add("1_initials", test::written_out);
    Session session = project.database.open();
    const std::vector<MigrationStatus> statuses = read_status(session, project.migrations);
    REQUIRE(statuses.size() == 2);
    CHECK(statuses[0].is_late);
    CHECK(statuses[1].is_missing_file);
    CHECK(statuses[1].state == State::migrated);
}
