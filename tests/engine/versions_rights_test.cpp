// Who may do what through the views of a version: the same as with the tables, no more and no less.

#include "sluice/core/error.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <unistd.h>

using namespace sluice;
using test::Project;

namespace {

/// A role of this test alone; the server has it for all databases.
class Role {
public:
    Role(Project& project, const std::string& rights)
        : project_(project), name_("reader_" + std::to_string(::getpid()))
    {
        project_.database.run("CREATE ROLE " + name_);
        for (std::size_t at = 0; at < rights.size();) {
            const std::size_t end = std::min(rights.find(';', at), rights.size());
            project_.database.run("GRANT " + rights.substr(at, end - at) + " TO " + name_);
            at = end + 1;
        }
    }

    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;

    ~Role() { project_.database.run("DROP OWNED BY " + name_ + "; DROP ROLE " + name_); }

    /// What the statement gives to who has this role and nothing else; "denied" where it may not.
    [[nodiscard]] std::string asks(const std::string& sql) const
    {
        Session session = project_.database.open();
        session.execute("SET row_security = on"); // which a session of sluice has not
        session.execute("SET ROLE " + name_);
        try {
            const Rows rows = session.query(sql);
            return rows.empty() ? "nothing" : rows[0][0].value_or("NULL");
        } catch (const Error& error) {
            return error.details.cause == Cause::permission ? "denied" : error.message;
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    Project& project_;
    std::string name_;
};

const std::string rename_change = "views = true\n" + std::string(test::rename_full_name);

} // namespace

TEST_CASE("who has rights on a table and its columns has the same on the view, and needs no other")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Project project(3);
    const Role role(project, "SELECT (id, full_name) ON people;UPDATE (full_name) ON people;"
                             "USAGE ON SCHEMA public");
    project.add("1_name", rename_change);
    (void)project.runner().expand(project.migration());
    (void)project.runner().migrate(project.migration());
    const auto check = [&] {
        CHECK(role.asks("SELECT name FROM public_1.people WHERE id = 2") == "name 2");
        CHECK(role.asks("UPDATE public_1.people SET name = 'x' WHERE id = 1 RETURNING name") ==
              "x");
        CHECK(role.asks("SELECT age FROM public_1.people") == "denied");
        CHECK(role.asks("UPDATE public_1.people SET age = 1") == "denied");
        CHECK(role.asks("DELETE FROM public_1.people") == "denied");
    };
    check();
    // The tables themselves may be out of its reach.
    project.database.run("REVOKE USAGE ON SCHEMA public FROM PUBLIC, " + role.name());
    CHECK(role.asks("SELECT id FROM public.people") == "denied");
    check();
    (void)project.runner().contract(project.migration());
    check();
    (void)project.runner().rollback(project.migration());
    check();
}

TEST_CASE("row-level security holds for who uses the view")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Project project(3);
    const Role role(project, "SELECT, INSERT, UPDATE, DELETE ON people");
    project.database.run("ALTER TABLE people ENABLE ROW LEVEL SECURITY; CREATE POLICY young ON "
                         "people USING (id < 3)");
    project.add("1_name", rename_change);
    (void)project.runner().expand(project.migration());
    CHECK(role.asks("SELECT count(*) FROM public_1.people") == "2");
    CHECK(role.asks("UPDATE public_1.people SET name = 'x' WHERE id = 3 RETURNING id") ==
          "nothing");
    CHECK(role.asks("INSERT INTO public_1.people (id, name) VALUES (9, 'x') RETURNING id") ==
          "denied");
    CHECK(role.asks("INSERT INTO public_1.people (id, name) VALUES (0, 'x') RETURNING name") ==
          "x");
}

TEST_CASE("a row that a view inserts gets its number and its defaults, and is returned")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Project project(0);
    project.database.run(
        "CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, "
        "size int NOT NULL DEFAULT 4, \"Mixed Case\" text DEFAULT 'a', twice int GENERATED ALWAYS "
        "AS (number * 2) STORED)");
    project.add("1_size", "views = true\n[[change]]\nkind = \"change_column\"\ntable = "
                          "\"things\"\ncolumn = \"size\"\ntype = \"bigint\"\ndefault = \"5\"\n");
    const std::string insert =
        "INSERT INTO public_1.things DEFAULT VALUES RETURNING concat_ws('|', "
        "id, number, size, \"Mixed Case\", twice)";
    (void)project.runner().expand(project.migration());
    CHECK(project.database.value(insert) == "1|1|5|a|2");
    CHECK(project.database.value("INSERT INTO things (number) VALUES (7) RETURNING size") == "4");
    (void)project.runner().migrate(project.migration());
    CHECK(project.database.value(insert) == "3|2|5|a|4");
    CHECK(project.database.value("INSERT INTO public_1.things (number) VALUES (8) ON CONFLICT (id) "
                                 "DO UPDATE SET number = 9 RETURNING id") == "4");
    (void)project.runner().contract(project.migration());
    CHECK(project.database.value(insert) == "5|3|5|a|6");
    CHECK(project.database.value("SELECT count(*) FROM pg_attrdef d JOIN pg_class c ON c.oid = "
                                 "d.adrelid WHERE c.relkind = 'v'") == "0");
}

TEST_CASE("what a client of the views has prepared goes on through a change of type")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    Project project(3);
    project.add("1_age", "views = true\n[[change]]\nkind = \"change_column\"\ntable = "
                         "\"people\"\ncolumn = \"age\"\ntype = \"bigint\"\n");
    (void)project.runner().expand(project.migration());
    (void)project.runner().migrate(project.migration());
    Session client = project.database.open();
    client.execute("SET search_path = public_1, public");
    client.execute("PREPARE ages AS SELECT age FROM people WHERE id = 2");
    CHECK(client.query("EXECUTE ages")[0][0] == "2");
    (void)project.runner().contract(project.migration());
    CHECK(client.query("EXECUTE ages")[0][0] == "2");
    (void)project.runner().rollback(project.migration());
    CHECK(client.query("EXECUTE ages")[0][0] == "2");
}

TEST_CASE("rights that are known by the names of tables are given on the views too")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    Project project(2);
    const std::string schema = project.database.value("SELECT DATABASE()");
    const std::string user = "'app" + std::to_string(::getpid()) + "'@'localhost'";
    project.database.run("CREATE USER " + user + "; GRANT SELECT ON " + schema + ".* TO " + user +
                         "; GRANT INSERT ON people TO " + user + "; GRANT UPDATE (full_name) ON " +
                         "people TO " + user);
    project.add("1_name", rename_change);
    (void)project.runner().expand(project.migration());
    const auto grants = [&] {
        std::string text;
        for (const Row& row : project.database.open().query("SHOW GRANTS FOR " + user).rows) {
            if (row[0]->find(schema + "_1") != std::string::npos) {
                text += row[0]->substr(0, row[0]->find(" TO ")) + "\n";
            }
        }
        return text;
    };
    CHECK(grants() == "GRANT SELECT ON `" + schema + "_1`.*\nGRANT INSERT, UPDATE (`name`) ON `" +
                          schema + "_1`.`people`\n");
    (void)project.runner().rollback(project.migration());
    CHECK(grants() == "");
    project.database.run("DROP USER " + user);
}
