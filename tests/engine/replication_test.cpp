// PostgreSQL: logical replication of tables in mid-migration. What a subscriber is sent is in step
// there already, and no trigger does it twice; what only the subscriber changes would be missed.

#include "sluice/core/error.h"
#include "sluice/run/doctor.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace sluice;

namespace {

bool is_postgresql()
{
    return test::engine() == Engine::postgresql;
}

constexpr const char* setup =
    "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(40) NOT NULL, age text, theme text);"
    "CREATE TABLE notes (id bigint PRIMARY KEY, text text);"
    "INSERT INTO users VALUES (1, 'one', '1', 'dark'), (2, 'two', '2', NULL), (3, 'three', 'x', "
    "'light'); INSERT INTO notes VALUES (1, 'one'), (2, 'two');";

constexpr const char* columns_file = R"toml([[change]]
kind = "rename_column"
table = "users"
from = "name"
to = "nick"

[[change]]
kind = "change_column"
table = "users"
column = "age"
type = "integer"
up_ok = "age ~ '^[0-9]{1,9}$'"
up = "age::int"
down = "age::text"
)toml";

constexpr const char* tables_file = R"toml([[change]]
kind = "split_table"
table = "users"
into = "settings"
columns = ["theme"]

[[change]]
kind = "copy_table"
table = "notes"
to = "remarks"
primary_key = ["id"]
columns = [
  { name = "id", type = "bigint" },
  { name = "words", type = "text", value = "text" },
]
)toml";

/// What the one database has of these tables is sent to the other, until the end of the scope.
class Subscription {
public:
    Subscription(const test::TestDatabase& from, const test::TestDatabase& to,
                 const std::string& tables)
        : from_(from), to_(to), name_("s_" + from.url().database)
    {
        const Url& url = from.url();
        from.run("CREATE PUBLICATION everybody FOR TABLE " + tables);
        // A subscription cannot make a slot on its own server: it would wait for itself.
        from.run("SELECT pg_create_logical_replication_slot('" + name_ + "', 'pgoutput')");
        to.run("CREATE SUBSCRIPTION " + name_ + " CONNECTION 'host=" + url.host +
               " port=" + std::to_string(url.port) + " user=" + url.user +
               " password=" + url.password + " dbname=" + url.database +
               "' PUBLICATION everybody WITH (create_slot = false, slot_name = '" + name_ +
               "', copy_data = false)");
    }

    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    ~Subscription()
    {
        to_.run("ALTER SUBSCRIPTION " + name_ + " DISABLE");
        to_.run("DROP SUBSCRIPTION " + name_); // its slot goes with it
    }

    /// Until the subscriber has confirmed everything that was written so far.
    void arrive() const
    {
        const std::string end = from_.value("SELECT pg_current_wal_insert_lsn()");
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (from_.value("SELECT confirmed_flush_lsn >= '" + end +
                           "' FROM pg_replication_slots WHERE slot_name = '" + name_ + "'") !=
               "t") {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    const test::TestDatabase& from_;
    const test::TestDatabase& to_;
    std::string name_;
};

void check_same_rows(test::Life& one, test::Life& other, const std::string& query)
{
    CAPTURE(query);
    const std::string rows = one.rows(query);
    CHECK_FALSE(rows.empty());
    CHECK(other.rows(query) == rows);
}

std::vector<std::string> found(const test::TestDatabase& database, const Plan& plan)
{
    Session session = database.open({.purpose = "doctor"});
    std::vector<std::string> checks;
    for (const Finding& finding : find_harm(session, {plan}, {})) {
        checks.push_back(finding.check);
    }
    return checks;
}

} // namespace

TEST_CASE("PostgreSQL: a subscriber without sluice follows a table through contract and back")
{
    if (!is_postgresql()) {
        return;
    }
    const test::TestDatabase subscriber;
    subscriber.run(setup);
    test::Life publisher(setup, columns_file);
    const Subscription subscription(publisher.database, subscriber, "users");
    const auto check_same_rows = [&] {
        subscription.arrive();
        const std::string rows = "SELECT json_agg(row_to_json(u) ORDER BY id) FROM (SELECT * FROM "
                                 "users) u";
        CHECK(subscriber.value(rows) == publisher.database.value(rows));
    };
    subscriber.run("ALTER TABLE users ADD COLUMN nick varchar(40), ADD COLUMN sluice_new_age int");
    publisher.expand();
    publisher.database.run("INSERT INTO users (id, name, age) VALUES (10, 'old', '10');"
                           "INSERT INTO users (id, nick, sluice_new_age) VALUES (11, 'new', 11);"
                           "UPDATE users SET name = 'uno' WHERE id = 1;"
                           "UPDATE users SET sluice_new_age = 22 WHERE id = 2;"
                           "UPDATE users SET age = '3' WHERE id = 3");
    publisher.migrate();
    check_same_rows();
    publisher.contract();
    publisher.database.run("INSERT INTO users (id, nick, age) VALUES (12, 'late', 12)"); // waits
    subscriber.run("ALTER TABLE users RENAME COLUMN name TO sluice_kept_name;"
                   "ALTER TABLE users RENAME COLUMN age TO sluice_kept_age;"
                   "ALTER TABLE users RENAME COLUMN sluice_new_age TO age");
    check_same_rows();
    publisher.rollback();
    subscriber.run("ALTER TABLE users RENAME COLUMN age TO sluice_new_age;"
                   "ALTER TABLE users RENAME COLUMN sluice_kept_age TO age;"
                   "ALTER TABLE users RENAME COLUMN sluice_kept_name TO name");
    publisher.database.run("UPDATE users SET name = 'due' WHERE id = 2");
    check_same_rows();
}

TEST_CASE("PostgreSQL: a subscriber has the rows of two tables in step once, as they are sent")
{
    if (!is_postgresql()) {
        return;
    }
    test::Life publisher(setup, tables_file);
    test::Life subscriber(setup, tables_file);
    subscriber.expand();
    publisher.expand();
    const Subscription subscription(publisher.database, subscriber.database,
                                    "users, settings, notes, remarks");
    publisher.database.run("UPDATE users SET theme = 'old' WHERE id = 1;"
                           "INSERT INTO settings VALUES (2, 'new');"
                           "INSERT INTO notes VALUES (3, 'three'); INSERT INTO remarks VALUES (4, "
                           "'four'); DELETE FROM notes WHERE id = 1; UPDATE notes SET id = 5 WHERE "
                           "id = 2");
    publisher.migrate();
    subscription.arrive();
    for (const char* table : {"users", "settings", "notes", "remarks"}) {
        check_same_rows(publisher, subscriber,
                        std::string("SELECT * FROM ") + table + " ORDER BY id");
    }
    CHECK(subscriber.database.value("SELECT apply_error_count FROM pg_stat_subscription_stats "
                                    "WHERE subname = '" +
                                    subscription.name() + "'") == "0");
    subscriber.migrate();
}

TEST_CASE("PostgreSQL: a table that a subscription writes is not given triggers it would not fire")
{
    if (!is_postgresql()) {
        return;
    }
    test::Life publisher(setup, columns_file);
    for (const char* file : {columns_file, tables_file}) {
        CAPTURE(file);
        test::Life subscriber(setup, file);
        const Subscription subscription(publisher.database, subscriber.database, "users, notes");
        const Error error =
            test::error_of([&] { (void)subscriber.runner().expand(subscriber.migration()); });
        CHECK(error.kind == ErrorKind::refused);
        CHECK(error.message.find("the subscription \"" + subscription.name() + "\" writes table") !=
              std::string::npos);
        const Plan plan{.actions = {{.phase = Phase::migrate,
                                     .work = BackfillWork{.table = {"public", "users"}}}}};
        const std::vector<std::string> here = found(subscriber.database, plan);
        CHECK(std::count(here.begin(), here.end(), "subscribed") == 1);
        const std::vector<std::string> there = found(publisher.database, plan);
        CHECK(std::count(there.begin(), there.end(), "published") == 1);
        publisher.database.run("DROP PUBLICATION everybody");
    }
    publisher.database.run("CREATE PUBLICATION everything FOR ALL TABLES");
    const std::vector<std::string> there = found(publisher.database, {});
    CHECK(std::count(there.begin(), there.end(), "everything_published") == 1);
}

TEST_CASE("PostgreSQL: a plan tells what subscribers of its tables need, and when")
{
    if (!is_postgresql()) {
        return;
    }
    test::Life life(setup, columns_file);
    life.database.run("CREATE PUBLICATION everybody FOR TABLE users");
    const Plan plan = life.runner().plan(life.migration());
    CHECK(std::count_if(plan.notes.begin(), plan.notes.end(), [](const std::string& note) {
              return note.find("published by \"everybody\"") != std::string::npos;
          }) == 1);
}
