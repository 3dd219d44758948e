// A process that dies at any statement of a migration that has all sorts of steps; and what the
// application writes after such a death. The kinds one by one are in crash_kinds_test.cpp.

#include "sluice/core/error.h"
#include "support/deaths.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string migration_text = std::string(rename_full_name) + R"toml(
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

const Subject& renamed_column()
{
    static const Subject subject{.migration = migration_text,
                                 .before = {"people", "id, full_name, age"},
                                 .after = {"people", "id, name, age, initial, checked"}};
    return subject;
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
