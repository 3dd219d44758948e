// PostgreSQL: what the triggers name is found, whatever the search_path of whoever writes is: that
// of pg_restore is empty, as is that of many a function.

#include "support/life.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

bool is_postgresql()
{
    return test::engine() == Engine::postgresql;
}

/// Writes to the table while one version of the application finds nothing by its path, there and
/// after contract.
void write_without_a_path(const std::string& setup, const std::string& migration,
                          const std::string& write, const std::string& rows,
                          const std::string& expected)
{
    CAPTURE(migration);
    test::Life life(setup, migration);
    Session application = life.database.open();
    application.execute("SET search_path = ''");
    life.expand();
    application.execute(write);
    CHECK(life.rows(rows) == expected);
    life.migrate();
    life.contract();
    application.execute("UPDATE public.t SET b = 1");
    application.execute("INSERT INTO public.t (id) VALUES (9)");
    life.rollback();
    application.execute("INSERT INTO public.t (id) VALUES (10)");
}

} // namespace

TEST_CASE("PostgreSQL: a type of the user's is found without the application's search_path")
{
    if (!is_postgresql()) {
        return;
    }
    const std::string setup = "CREATE TYPE state AS ENUM ('new', 'old'); CREATE DOMAIN short AS "
                              "varchar(10); CREATE TABLE t (id int PRIMARY KEY, a state, s short, "
                              "b int); INSERT INTO t VALUES (1, 'old', 'x', 0)";
    write_without_a_path(setup,
                         test::change("change_enum", "column = \"a\"\nvalues = [\"new\", "
                                                     "\"older\"]\nmap = { old = \"older\" }"),
                         "INSERT INTO public.t (id, a) VALUES (2, 'old')",
                         "SELECT a, sluice_new_a FROM t WHERE id = 2", "old|older|\n");
    write_without_a_path(setup,
                         "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"a\"\nto = "
                         "\"c\"\n",
                         "UPDATE public.t SET a = 'new'", "SELECT a, c FROM t", "new|new|\n");
    write_without_a_path(setup,
                         "[[change]]\nkind = \"rename_column\"\ntable = \"t\"\nfrom = \"s\"\nto = "
                         "\"c\"\n",
                         "UPDATE public.t SET c = 'y'", "SELECT s, c FROM t", "y|y|\n");
}

TEST_CASE("PostgreSQL: a function of the user's is found without the application's search_path")
{
    if (!is_postgresql()) {
        return;
    }
    const std::string setup =
        "CREATE FUNCTION twice(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 2';"
        "CREATE FUNCTION half(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n / 2';"
        "CREATE TABLE t (id int PRIMARY KEY, n int, b int); INSERT INTO t VALUES (1, 1, 0)";
    write_without_a_path(setup,
                         test::change("change_column", "column = \"n\"\ntype = \"bigint\"\nup = "
                                                       "\"twice(n)\"\ndown = \"half(n::int)\""),
                         "UPDATE public.t SET n = 21", "SELECT n, sluice_new_n FROM t", "21|42|\n");
    write_without_a_path(setup,
                         test::change("add_column", "column = \"c\"\ntype = \"int\"\nup = "
                                                    "\"twice(n)\""),
                         "UPDATE public.t SET n = 21", "SELECT n, c FROM t", "21|42|\n");
}
