// Versions of a schema through the life of the migrations that make them: clients of the tables and
// of each version's views write the same rows, each by the names that it knows.

#include "sluice/core/error.h"
#include "support/life.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using test::by_engine;
using test::Project;

namespace {

const std::string views = "views = true\n";

const std::string rename_change = std::string(test::rename_full_name);

std::string of_people(const std::string& kind, const std::string& rest)
{
    return "[[change]]\nkind = \"" + kind + "\"\ntable = \"people\"\n" + rest +
           "\n[pace]\nsleep = \"0ms\"\nduty = 1\n";
}

bool has_versions()
{
    return test::engine() != Engine::sqlite;
}

/// "public_1.people", "t7_1_1.people"
std::string of_version(const Project& project, const std::string& version, const std::string& table)
{
    const std::string schema = by_engine("public", "", "");
    return (schema.empty() ? project.database.value("SELECT DATABASE()") : schema) + "_" + version +
           "." + table;
}

struct Found {
    std::vector<Table> tables;
    std::vector<std::string> schemas;
    std::vector<VersionSchema> versions;
};

Found found_in(const Project& project)
{
    Session session = project.database.open();
    Catalog catalog = read_catalog(session);
    std::erase(catalog.schemas, "sluice");
    return {catalog.tables, catalog.schemas, catalog.versions};
}

void check_same(const Found& expected, const Found& found)
{
    test::check_same_tables(expected.tables, found.tables);
    CHECK(expected.schemas == found.schemas);
    CHECK(expected.versions == found.versions);
}

void advance(Project& project, std::size_t n)
{
    CHECK(project.runner().expand(project.migration(n)) == RunEnd::done);
    CHECK(project.runner().migrate(project.migration(n)) == RunEnd::done);
}

void contract(Project& project, std::size_t n)
{
    CHECK(project.runner().contract(project.migration(n)) == RunEnd::done);
}

void rollback(Project& project, std::size_t n)
{
    CHECK(project.runner().rollback(project.migration(n)) == RunEnd::done);
}

void purge(Project& project, std::size_t n)
{
    CHECK(project.runner().purge(project.migration(n)) == RunEnd::done);
}

/// The version's clients read and write what `columns` says, by a row of their own.
struct Shape {
    std::string table;
    std::string columns;
    std::string values;
    std::string update; ///< SET …
    std::string read;   ///< afterwards, of the row
};

void check_written(const Project& project, const std::string& table, const Shape& shape)
{
    project.database.run("INSERT INTO " + table + " (id, " + shape.columns + ") VALUES (900, " +
                         shape.values + ")");
    project.database.run("UPDATE " + table + " SET " + shape.update + " WHERE id = 900");
    CHECK(project.database.value("SELECT concat_ws('|', id, " + shape.columns + ") FROM " + table +
                                 " WHERE id = 900") == shape.read);
    project.database.run("DELETE FROM " + table + " WHERE id = 900");
    CHECK(project.database.value("SELECT count(*) FROM " + table + " WHERE id = 900") == "0");
}

/// From expand to purge the same statements of the new version give the same.
void live_through_versions(const std::string& change, const Shape& shape)
{
    Project project(6);
    project.add("1_shape", views + change);
    const Found before = found_in(project);
    const std::string view = of_version(project, "1", shape.table);
    CHECK(project.runner().expand(project.migration()) == RunEnd::done);
    check_written(project, view, shape);
    rollback(project, 0);
    check_same(before, found_in(project));
    advance(project, 0);
    const std::string rows = project.rows(view, shape.columns);
    check_written(project, view, shape);
    const Found migrated = found_in(project);
    contract(project, 0);
    const Found contracted = found_in(project);
    CHECK(project.rows(view, shape.columns) == rows);
    check_written(project, view, shape);
    check_written(project, shape.table, shape);
    rollback(project, 0);
    check_same(migrated, found_in(project));
    CHECK(project.rows(view, shape.columns) == rows);
    check_written(project, view, shape);
    contract(project, 0);
    check_same(contracted, found_in(project));
    purge(project, 0);
    CHECK(project.rows(view, shape.columns) == rows);
    check_written(project, view, shape);
}

} // namespace

TEST_CASE("a renamed column has its new name in the views from expand on")
{
    if (has_versions()) {
        live_through_versions(rename_change, {.table = "people",
                                              .columns = "name, age",
                                              .values = "'Ada', 3",
                                              .update = "name = 'Grace'",
                                              .read = "900|Grace|3"});
    }
}

TEST_CASE("a column of another type has it in the views from expand on")
{
    if (has_versions()) {
        live_through_versions(
            of_people("change_column", "column = \"age\"\ntype = \"bigint\"\ndefault = \"7\""),
            {.table = "people",
             .columns = "full_name, age",
             .values = "'Ada', 3000000000",
             .update = "age = age + 1",
             .read = "900|Ada|3000000001"});
    }
}

TEST_CASE("a column that goes is not in the views, and one that comes is")
{
    if (has_versions()) {
        live_through_versions(
            "[[change]]\nkind = \"drop_column\"\ntable = \"people\"\ncolumn = \"age\"\n" +
                of_people("add_column", "column = \"size\"\ntype = \"bigint\"\ndefault = \"5\""),
            {.table = "people",
             .columns = "full_name, size",
             .values = "'Ada', 3",
             .update = "size = size + 1",
             .read = "900|Ada|4"});
    }
}

TEST_CASE("a column that is split is two in the views")
{
    if (has_versions()) {
        live_through_versions(
            of_people("split_column",
                      "column = \"full_name\"\ninto = [\n"
                      "  { name = \"word\", type = \"varchar(40)\", up = \"substr(full_name, 1, "
                      "4)\" },\n"
                      "  { name = \"rest\", type = \"varchar(40)\", up = \"substr(full_name, 5)\" "
                      "},\n]\ndown = { postgresql = \"word || rest\", mysql = \"CONCAT(word, "
                      "rest)\" }"),
            {.table = "people",
             .columns = "word, rest",
             .values = "'name', ' 1'",
             .update = "rest = ' 22'",
             .read = "900|name| 22"});
    }
}

TEST_CASE("a renamed table, and a copied one, have their new names in the views")
{
    if (has_versions()) {
        live_through_versions(of_people("rename_table", "to = \"persons\""),
                              {.table = "persons",
                               .columns = "full_name, age",
                               .values = "'Ada', 3",
                               .update = "age = 4",
                               .read = "900|Ada|4"});
        live_through_versions(
            of_people("copy_table",
                      "to = \"persons\"\nprimary_key = [\"id\"]\ncolumns = [\n  { name = \"id\", "
                      "type = \"bigint\" },\n  { name = \"name\", type = \"varchar(60)\", value = "
                      "\"full_name\", nullable = false },\n  { name = \"age\", type = { postgresql "
                      "= \"integer\", mysql = \"int\" } },\n]"),
            {.table = "persons",
             .columns = "name, age",
             .values = "'Ada', 3",
             .update = "age = 4",
             .read = "900|Ada|4"});
    }
}

TEST_CASE("a key becomes wider under the views, which number new rows all the time")
{
    if (!has_versions()) {
        return;
    }
    Project project(0);
    project.database.run(by_engine("CREATE TABLE things (id int GENERATED BY DEFAULT AS IDENTITY "
                                   "PRIMARY KEY, note text)",
                                   "CREATE TABLE things (id int NOT NULL AUTO_INCREMENT PRIMARY "
                                   "KEY, note varchar(20))",
                                   ""));
    project.add("1_wider", views + "[[change]]\nkind = \"change_primary_key\"\ntable = "
                                   "\"things\"\ncolumn = \"id\"\ntype = \"bigint\"\n");
    const std::string view = of_version(project, "1", "things");
    int rows = 0;
    const auto insert = [&](const std::string& table) {
        project.database.run("INSERT INTO " + table + " (note) VALUES ('a')");
        CHECK(project.database.value("SELECT count(DISTINCT id) FROM " + view) ==
              std::to_string(++rows));
    };
    project.database.run("INSERT INTO things (note) VALUES ('a')");
    ++rows;
    CHECK(project.runner().expand(project.migration()) == RunEnd::done);
    project.database.run("INSERT INTO " + view + " (note) VALUES ('a')");
    ++rows;
    CHECK(project.runner().migrate(project.migration()) == RunEnd::done);
    insert(view);
    insert("things");
    contract(project, 0);
    insert(view);
    insert("things");
    rollback(project, 0);
    insert(view);
    contract(project, 0);
    purge(project, 0);
    insert(view);
    project.database.run("INSERT INTO " + view + " (id, note) VALUES (3000000000, 'b')");
    CHECK(project.database.value("SELECT max(id) FROM " + view) == "3000000000");
}

TEST_CASE("three versions live at once, and each writes what the others read")
{
    if (!has_versions()) {
        return;
    }
    Project project(3);
    project.add("1_name", views + rename_change);
    project.add("2_size", views + of_people("split_column",
                                            "column = \"age\"\ninto = [\n  { name = \"tens\", type "
                                            "= \"bigint\", up = \"age - age % 10\" },\n  { name = "
                                            "\"ones\", type = \"bigint\", up = \"age % 10\" "
                                            "},\n]\ndown = \"tens + ones\""));
    const Found before = found_in(project);
    advance(project, 0);
    advance(project, 1);
    const std::string first = of_version(project, "1", "people");
    const std::string second = of_version(project, "2", "people");
    project.database.run("INSERT INTO people (id, full_name, age) VALUES (10, 'of the table', 71)");
    project.database.run("INSERT INTO " + first + " (id, name, age) VALUES (11, 'of one', 82)");
    project.database.run("INSERT INTO " + second +
                         " (id, name, tens, ones) VALUES (12, 'of two', 90, 3)");
    project.database.run("UPDATE " + second + " SET name = 'and two' WHERE id = 10");
    project.database.run("UPDATE people SET age = 65 WHERE id = 12");
    const std::string names = "10|and two|\n11|of one|\n12|of two|\n";
    CHECK(project.rows("(SELECT * FROM people WHERE id > 9) AS p", "id, full_name") == names);
    CHECK(project.rows("(SELECT * FROM " + first + " WHERE id > 9) AS p", "id, name, age") ==
          "10|and two|71|\n11|of one|82|\n12|of two|65|\n");
    CHECK(
        project.rows("(SELECT * FROM " + second + " WHERE id > 9) AS p", "id, name, tens, ones") ==
        "10|and two|70|1|\n11|of one|80|2|\n12|of two|60|5|\n");

    // Nothing goes back under the second one.
    const Error under =
        test::error_of([&] { (void)project.runner().rollback(project.migration(0)); });
    CHECK(under.kind == ErrorKind::refused);
    CHECK(under.details.hint.find("`sluice rollback 2` comes first") == 0);

    contract(project, 0);
    project.database.run("UPDATE people SET name = 'of all' WHERE id = 11");
    for (const std::string& view : {first, second}) {
        CHECK(project.database.value("SELECT name FROM " + view + " WHERE id = 11") == "of all");
    }
    rollback(project, 1);
    rollback(project, 0);
    rollback(project, 0);
    check_same(before, found_in(project));
}

TEST_CASE("contract ends an earlier version that shows what it puts aside, and undo brings it back")
{
    if (!has_versions()) {
        return;
    }
    Project project(3);
    project.add("1_name", views + rename_change);
    project.add("2_title", of_people("rename_column", "from = \"name\"\nto = \"title\""));
    advance(project, 0);
    contract(project, 0);
    purge(project, 0);
    const std::string first = of_version(project, "1", "people");
    advance(project, 1);
    project.database.run("UPDATE " + first + " SET name = 'old' WHERE id = 1");
    CHECK(project.database.value("SELECT title FROM people WHERE id = 1") == "old");
    const Found migrated = found_in(project);
    CHECK(migrated.versions.size() == 1);
    contract(project, 1);
    CHECK(found_in(project).versions.empty());
    CHECK_THROWS_AS((void)project.database.value("SELECT name FROM " + first), Error);
    rollback(project, 1);
    check_same(migrated, found_in(project));
    CHECK(project.database.value("SELECT name FROM " + first + " WHERE id = 1") == "old");
    contract(project, 1);
    purge(project, 1);
    const std::string name = first.substr(0, first.find('.'));
    for (const std::string& schema : found_in(project).schemas) {
        CHECK(schema.find(name) == std::string::npos);
    }
    test::check_nothing_left(project.schema());
}

TEST_CASE("a version that a migration does not touch lives on as it was")
{
    if (!has_versions()) {
        return;
    }
    Project project(3);
    project.add("1_name", views + rename_change);
    project.add("2_size", of_people("add_column", "column = \"size\"\ntype = \"bigint\""));
    advance(project, 0);
    contract(project, 0);
    const std::vector<VersionSchema> versions = found_in(project).versions;
    advance(project, 1);
    contract(project, 1);
    purge(project, 1);
    CHECK(found_in(project).versions == versions);
    project.database.run("INSERT INTO " + of_version(project, "1", "people") +
                         " (id, name, age) VALUES (9, 'new', 4)");
    CHECK(project.database.value("SELECT name FROM people WHERE id = 9") == "new");
}

TEST_CASE("views wait for an earlier migration whose contract they could not follow")
{
    if (!has_versions()) {
        return;
    }
    Project project(3);
    project.add("1_name", rename_change);
    project.add("2_size", views + of_people("add_column", "column = \"size\"\ntype = \"bigint\""));
    advance(project, 0);
    const Error unseen =
        test::error_of([&] { (void)project.runner().expand(project.migration(1)); });
    CHECK(unseen.kind == ErrorKind::refused);
    CHECK(unseen.details.hint.find("`sluice contract 1` comes first") == 0);
    contract(project, 0);
    advance(project, 1);
    CHECK(project.rows(of_version(project, "2", "people"), "id, name, age, size") ==
          "1|name 1|1|NULL|\n2|name 2|2|NULL|\n3|name 3|3|NULL|\n");
}

TEST_CASE("SQLite has no second schema: views are refused before anything is changed")
{
    if (has_versions()) {
        return;
    }
    Project project(3);
    project.add("1_name", views + rename_change);
    const Error refused =
        test::error_of([&] { (void)project.runner().expand(project.migration()); });
    CHECK(refused.kind == ErrorKind::refused);
    CHECK(refused.details.hint.find("Leave `views` out") == 0);
    CHECK(project.state() == State::pending);
}
