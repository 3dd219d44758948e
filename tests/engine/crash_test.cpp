// A process that dies at its n-th statement, for every n of a whole life: then another one goes on,
// or goes back, and the end must be what it is when nobody dies. By default a sample of the n, from
// a random offset; SLUICE_TEST_LONG=1 takes every one that leaves something else behind than the
// one before it: after a query nothing has changed.

#include "sluice/core/error.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using test::Project;

namespace {

/// Not an Error: nothing that handles the database's refusals may take it for one.
struct Killed : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "killed"; }
};

/// Counts the statements of one process over all its sessions, and lets none through from the n-th.
class Process {
public:
    Process(Project& project, int dies_at) : project_(project), dies_at_(dies_at)
    {
        // A process that is gone from this machine is not waited for.
        project_.options.actor.pid = 4'190'000;
        REQUIRE(is_gone(project_.options.actor));
        project_.before_statement = [this](std::string_view sql) {
            const std::lock_guard lock(mutex_); // the heartbeat has a thread of its own
            if (static_cast<int>(statements_.size()) + 1 >= dies_at_) {
                has_died_ = true;
                throw Killed();
            }
            statements_.emplace_back(sql.substr(0, sql.find_first_of(" \n")));
        };
    }

    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    ~Process() { project_.before_statement = {}; }

    /// The first word of each.
    [[nodiscard]] const std::vector<std::string>& statements() const { return statements_; }

    [[nodiscard]] bool has_died() const { return has_died_; }

private:
    Project& project_;
    int dies_at_;
    std::atomic<bool> has_died_ = false;
    std::mutex mutex_;
    std::vector<std::string> statements_;
};

constexpr int never = 1'000'000;

const std::string migration_text = std::string(test::rename_full_name) + R"toml(
[[expand]]
sql = "ALTER TABLE people ADD COLUMN initial varchar(10)"
undo = "ALTER TABLE people DROP COLUMN initial"
[[expand]]
sql.postgresql = "CREATE INDEX CONCURRENTLY people_age ON people (age)"
sql.mysql = "CREATE INDEX people_age ON people (age)"
sql.sqlite = "CREATE INDEX people_age ON people (age)"
undo.postgresql = "DROP INDEX CONCURRENTLY people_age"
undo.mysql = "DROP INDEX people_age ON people"
undo.sqlite = "DROP INDEX people_age"
[[backfill]]
table = "people"
set = { initial = "substr(full_name, 1, 1)" }
where = "initial IS NULL"
[[verify]]
table = "people"
expect = "initial = substr(full_name, 1, 1)"
[[contract]]
sql = "ALTER TABLE people ADD COLUMN checked int"
undo = "ALTER TABLE people DROP COLUMN checked"
)toml";

/// What is read for comparing.
struct Place {
    std::string table;
    std::string columns;
};

/// A migration, the rows that are there before it and those that are there after it.
struct Subject {
    std::string migration;
    Place before;
    Place after;
    std::size_t sample = 16; ///< of the points
    std::string setup = {};  ///< what else there is
};

const Subject& renamed_column()
{
    static const Subject subject{.migration = migration_text,
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"people", "id, name, age, initial, checked"}};
    return subject;
}

const Subject& copied_table()
{
    static const Subject subject{.migration = R"toml(
[[change]]
kind = "copy_table"
table = "people"
to = "persons"
primary_key = ["id"]
columns = [
  { name = "id", type = "bigint" },
  { name = "name", type = "varchar(120)", value = "full_name", nullable = false },
  { name = "age", type = { postgresql = "integer", mysql = "int", sqlite = "INTEGER" } },
]
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"persons", "id, name, age"},
                                 .sample = 3};
    return subject;
}

/// Columns that get a table of their own, in batches; the triggers of two tables change at once.
const Subject& split_table()
{
    static const Subject subject{.migration = R"toml(
[[change]]
kind = "split_table"
table = "people"
into = "ages"
columns = ["age"]
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"ages", "id, age"},
                                 .sample = 3};
    return subject;
}

/// A table that is put aside together with its triggers.
const Subject& merged_tables()
{
    static const Subject subject{.migration = R"toml(
[[change]]
kind = "merge_tables"
table = "ages"
into = "people"
columns = ["years"]
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"ages", "id, years"},
                                 .after = {"people", "id, full_name, age, years"},
                                 .sample = 3,
                                 .setup = "CREATE TABLE ages (id " +
                                          test::by_engine("bigint", "bigint", "INTEGER") +
                                          " NOT NULL PRIMARY KEY, years int);"
                                          "INSERT INTO ages SELECT id, age FROM people"};
    return subject;
}

/// Rules and an index, each of which is made beside writers in steps of its own.
const Subject& ruled_table()
{
    static const Subject subject{.migration = R"toml(
[[change]]
kind = "set_not_null"
table = "people"
column = "age"
[[change]]
kind = "add_unique"
table = "people"
name = "people_full_name"
columns = ["full_name"]
[[change]]
kind = "add_index"
table = "people"
name = "people_newest"
columns = ["id DESC"]
[[change]]
kind = "add_foreign_key"
table = "people"
name = "people_own"
columns = ["id"]
references = "people"
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"people", "id, full_name, age"},
                                 .sample = 5};
    return subject;
}

/// A key, and what refers to it.
const Subject& wider_key()
{
    static const Place place{"people",
                             "id, full_name, (SELECT count(*) FROM pets WHERE pets.owner_id "
                             "= people.id)"};
    static const Subject subject{
        .migration = R"toml(
[[change]]
kind = "change_primary_key"
table = "people"
column = "id"
type = "bigint"
[pace]
batch_rows = 20
batch_max = 20
sleep = "0ms"
duty = 1
)toml",
        .before = place,
        .after = place,
        .sample = 3,
        .setup = test::by_engine("ALTER TABLE people ALTER COLUMN id TYPE int;"
                                 "ALTER TABLE people ALTER COLUMN id ADD GENERATED BY DEFAULT AS "
                                 "IDENTITY;",
                                 "ALTER TABLE people MODIFY id int NOT NULL AUTO_INCREMENT;", "") +
                 "CREATE TABLE pets (id bigint PRIMARY KEY, owner_id int NOT NULL, CONSTRAINT "
                 "pets_owner_of FOREIGN KEY (owner_id) REFERENCES people (id) ON DELETE CASCADE);"
                 "CREATE INDEX pets_owner ON pets (owner_id);"
                 "INSERT INTO pets SELECT id, id / 2 + 1 FROM people;"};
    return subject;
}

/// One column becomes two, and back.
const Subject& split_column()
{
    static const Subject subject{.migration = R"toml(
[[change]]
kind = "split_column"
table = "people"
column = "full_name"
into = [
  { name = "word", type = "varchar(40)", up = "substr(full_name, 1, 5)", nullable = false },
  { name = "number", type = "varchar(40)", up = "substr(full_name, 6)" },
]
down = { postgresql = "word || number", mysql = "CONCAT(word, number)", sqlite = "word || number" }
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"people", "id, word, number, age"},
                                 .sample = 3};
    return subject;
}

/// With a schema of views, which on MySQL are made anew after the swap.
const Subject& versioned()
{
    static const Subject subject{.migration = R"toml(views = true
[[change]]
kind = "change_column"
table = "people"
column = "age"
type = "bigint"
default = "4"
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"people", "id, full_name, age"},
                                 .sample = 5};
    return subject;
}

/// A UNIQUE constraint goes over to another column: SQLite writes the table anew.
const Subject& renamed_unique()
{
    static const std::string add =
        "ALTER TABLE people ADD CONSTRAINT people_once UNIQUE (full_name, id)";
    static const Subject subject{
        .migration = test::rename_full_name,
        .before = {"people", "id, full_name, age"},
        .after = {"people", "id, name, age"},
        .sample = 3,
        .setup =
            test::by_engine(add, add,
                            "BEGIN; SELECT sluice_rebuild('people', 'add unique', '', 'CONSTRAINT "
                            "people_once UNIQUE (\"full_name\", \"id\")'); COMMIT")};
    return subject;
}

/// A column of enumerated values gets others.
const Subject& other_values()
{
    static const Subject subject{
        .migration = R"toml(
[[change]]
kind = "change_enum"
table = "people"
column = "state"
values = ["sent", "open"]
map = { new = "open" }
[pace]
batch_rows = 10
batch_max = 10
sleep = "0ms"
duty = 1
)toml",
        .before = {"people", "id, state"},
        .after = {"people", "id, state"},
        .sample = 3,
        .setup = test::by_engine("CREATE TYPE state AS ENUM ('new', 'sent');"
                                 "ALTER TABLE people ADD COLUMN state state DEFAULT 'new'",
                                 "ALTER TABLE people ADD COLUMN state ENUM('new', 'sent') DEFAULT "
                                 "'new'",
                                 "")};
    return subject;
}

/// A column ceases to number itself: its place is kept.
const Subject& without_identity()
{
    static const Subject subject{
        .migration = "[[change]]\nkind = \"change_column\"\ntable = \"people\"\ncolumn = "
                     "\"id\"\nidentity = false\n",
        .before = {"people", "id, full_name"},
        .after = {"people", "id, full_name"},
        .sample = 3,
        .setup = "ALTER TABLE people ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY"};
    return subject;
}

void live_to_the_end(Project& project)
{
    const Migration& migration = project.migration();
    (void)project.runner().expand(migration);
    (void)project.runner().migrate(migration);
    (void)project.runner().contract(migration);
    (void)project.runner().purge(migration);
}

void live_there_and_back(Project& project)
{
    const Migration& migration = project.migration();
    (void)project.runner().expand(migration);
    (void)project.runner().migrate(migration);
    (void)project.runner().contract(migration);
    (void)project.runner().rollback(migration);
    (void)project.runner().rollback(migration);
}

void go_back_to_the_start(Project& project)
{
    for (int n = 1; n <= 2 && project.state() != State::pending; ++n) {
        (void)project.runner().rollback(project.migration());
    }
}

/// What is there in the end, for comparing.
struct Outcome {
    State state = State::pending;
    std::vector<Table> schema;
    std::vector<std::vector<ShownTable>> versions;
    std::string rows;
};

/// What each shows; on MySQL their names have the database's in them.
std::vector<std::vector<ShownTable>> versions_of(const Project& project)
{
    Session session = project.database.open();
    std::vector<std::vector<ShownTable>> shown;
    for (const VersionSchema& version : read_catalog(session).versions) {
        shown.push_back(version.tables);
    }
    return shown;
}

Outcome outcome_of(Project& project, const Place& place)
{
    return {project.state(), project.schema(), versions_of(project),
            project.rows(place.table, place.columns)};
}

void check_same(const Outcome& expected, const Outcome& found)
{
    CHECK(name_of(found.state) == name_of(expected.state));
    CHECK(found.rows == expected.rows);
    CHECK(found.versions == expected.versions);
    REQUIRE(found.schema.size() == expected.schema.size());
    for (std::size_t n = 0; n < expected.schema.size(); ++n) {
        for (const std::string& difference : differences(expected.schema[n], found.schema[n])) {
            FAIL_CHECK(difference);
        }
    }
}

using Life = void (*)(Project&);

/// True while the n-th statement came within the life.
bool dies_within(Project& project, Life life, int n)
{
    const Process process(project, n);
    try {
        life(project);
    } catch (const Killed&) {
        return true;
    } catch (const Error&) {
        // What a dead process goes on to say, of a session that it gave up, nobody hears.
        if (process.has_died()) {
            return true;
        }
        throw;
    }
    return false;
}

void begin(Project& project, const Subject& subject)
{
    if (!subject.setup.empty()) { // which MySQL takes for an error
        project.database.run(subject.setup);
    }
    project.add("1_subject", subject.migration);
}

std::vector<std::string> statements_of(const Subject& subject, Life life)
{
    Project project(50);
    begin(project, subject);
    const Process process(project, never);
    life(project);
    return process.statements();
}

/// The n above `after` at which a death is not the same as one at the statement before.
std::vector<int> points_of(const std::vector<std::string>& statements, std::size_t after)
{
    std::vector<int> points;
    for (std::size_t n = after; n < statements.size(); ++n) {
        const std::string before = n == 0 ? "" : statements[n - 1];
        if (before != "SELECT" && before != "EXPLAIN" && before != "SHOW") {
            points.push_back(static_cast<int>(n) + 1);
        }
    }
    return points;
}

/// All of them, or about `sample` of them.
std::vector<int> chosen(const std::vector<int>& points, std::size_t sample)
{
    const bool all = std::getenv("SLUICE_TEST_LONG") != nullptr;
    const std::size_t stride = all ? 1 : std::max<std::size_t>(1, points.size() / sample);
    const std::size_t first = std::random_device{}() % stride;
    MESSAGE(points.size(), " points, every ", stride, " of them, from ", first);
    std::vector<int> some;
    for (std::size_t each = first; each < points.size(); each += stride) {
        some.push_back(points[each]);
    }
    return some;
}

/// Dies at each point of `life`, then `after` is another process's.
void at_every_point(const Subject& subject, Life life, Life after, const Place& place,
                    const Outcome& expected)
{
    for (const int n : chosen(points_of(statements_of(subject, life), 0), subject.sample)) {
        CAPTURE(n);
        Project project(50);
        begin(project, subject);
        (void)dies_within(project, life, n);
        const Process next(project, never);
        after(project);
        check_same(expected, outcome_of(project, place));
    }
}

void goes_on_to_the_same_end(const Subject& subject)
{
    Project undisturbed(50);
    begin(undisturbed, subject);
    live_to_the_end(undisturbed);
    at_every_point(subject, live_to_the_end, live_to_the_end, subject.after,
                   outcome_of(undisturbed, subject.after));
}

void goes_all_the_way_back(const Subject& subject)
{
    Project untouched(50);
    begin(untouched, subject);
    at_every_point(subject, live_there_and_back, go_back_to_the_start, subject.before,
                   outcome_of(untouched, subject.before));
}

} // namespace

TEST_CASE("a process that dies at any statement is followed by one that goes on to the same end")
{
    goes_on_to_the_same_end(renamed_column());
}

TEST_CASE("a process that dies at any statement is followed by one that goes all the way back")
{
    goes_all_the_way_back(renamed_column());
}

TEST_CASE(
    "a process that dies while a table is copied is followed by one that goes on or goes back")
{
    goes_on_to_the_same_end(copied_table());
    goes_all_the_way_back(copied_table());
}

TEST_CASE(
    "a process that dies while a column is split is followed by one that goes on or goes back")
{
    goes_on_to_the_same_end(split_column());
    goes_all_the_way_back(split_column());
}

TEST_CASE("a process that dies while a version is made or follows contract is followed by one that "
          "goes on or goes back")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused there
    }
    goes_on_to_the_same_end(versioned());
    goes_all_the_way_back(versioned());
}

TEST_CASE("a process that dies while a table is split is followed by one that goes on or goes back")
{
    goes_on_to_the_same_end(split_table());
    goes_all_the_way_back(split_table());
}

TEST_CASE(
    "a process that dies while tables are merged is followed by one that goes on or goes back")
{
    goes_on_to_the_same_end(merged_tables());
    goes_all_the_way_back(merged_tables());
}

TEST_CASE("a process that dies while rules are added is followed by one that goes on or goes back")
{
    goes_on_to_the_same_end(ruled_table());
    goes_all_the_way_back(ruled_table());
}

TEST_CASE(
    "a process that dies while a key becomes wider is followed by one that goes on or goes back")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused there
    }
    goes_on_to_the_same_end(wider_key());
    goes_all_the_way_back(wider_key());
}

TEST_CASE(
    "a process that dies at the end of contract, short of what the way back needs, is followed by "
    "one that goes back")
{
    if (test::engine() != Engine::postgresql) {
        return; // refused there
    }
    Project untouched(50);
    begin(untouched, wider_key());
    const Outcome expected = outcome_of(untouched, wider_key().before);
    const std::vector<std::string> statements = statements_of(wider_key(), [](Project& project) {
        (void)project.runner().expand(project.migration());
        (void)project.runner().migrate(project.migration());
        (void)project.runner().contract(project.migration());
    });
    constexpr std::size_t last = 60;
    for (const int n : chosen(points_of(statements, statements.size() - last), 4)) {
        CAPTURE(n);
        Project project(50);
        begin(project, wider_key());
        (void)dies_within(project, live_there_and_back, n);
        const Process next(project, never);
        go_back_to_the_start(project);
        check_same(expected, outcome_of(project, wider_key().before));
    }
}

TEST_CASE("what is written after a death in the middle of contract is never lost")
{
    const std::vector<std::string> before = statements_of(renamed_column(), [](Project& project) {
        (void)project.runner().expand(project.migration());
        (void)project.runner().migrate(project.migration());
    });
    const std::vector<std::string> statements =
        statements_of(renamed_column(), [](Project& project) {
            (void)project.runner().expand(project.migration());
            (void)project.runner().migrate(project.migration());
            (void)project.runner().contract(project.migration());
        });
    for (const int n : chosen(points_of(statements, before.size()), 24)) {
        CAPTURE(n);
        Project project(50);
        project.add("1_rename", migration_text);
        (void)dies_within(project, live_to_the_end, n);
        if (project.state() != State::contracting && project.state() != State::contracted) {
            continue; // a few statements more or less before it: sessions, progress
        }
        // The new application goes on meanwhile; one row each for update, insert and delete.
        project.database.run("UPDATE people SET name = 'written' WHERE id = 7");
        project.database.run("INSERT INTO people (id, name, initial) VALUES (77, 'inserted', 'i')");
        project.database.run("DELETE FROM people WHERE id = 8");
        const Process next(project, never);
        bool is_refused = false;
        try {
            (void)project.runner().contract(project.migration());
        } catch (const Error& error) {
            // Only a person can know which side of the row is right; nothing was touched.
            CHECK(error.kind == ErrorKind::refused);
            CHECK(error.message.find("7") != std::string::npos);
            is_refused = true;
        }
        CHECK(project.database.value("SELECT name FROM people WHERE id = 7") == "written");
        CHECK(project.database.value("SELECT name FROM people WHERE id = 77") == "inserted");
        CHECK(project.database.value("SELECT count(*) FROM people WHERE id = 8") == "0");
        CHECK(name_of(project.state()) == (is_refused ? "contracting" : "contracted"));
    }
}

TEST_CASE("a process that dies while a constraint goes over to another column is followed by one "
          "that goes on or goes back")
{
    goes_on_to_the_same_end(renamed_unique());
    goes_all_the_way_back(renamed_unique());
}

TEST_CASE("a process that dies while an enumeration changes is followed by one that goes on or "
          "goes back")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused there
    }
    goes_on_to_the_same_end(other_values());
    goes_all_the_way_back(other_values());
}

TEST_CASE("a process that dies while a column ceases to number itself is followed by one that goes "
          "on or goes back")
{
    if (test::engine() != Engine::postgresql) {
        return; // refused there
    }
    goes_on_to_the_same_end(without_identity());
    goes_all_the_way_back(without_identity());
}
