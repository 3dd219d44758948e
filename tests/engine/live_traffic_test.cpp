// Two versions of an application write while a column is renamed, and while another changes its
// type, through the whole life of the change. At the end every row must be as its writer's ledger
// says, and the old and the new column must agree. No client may see an error.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/traffic.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::Client;
using test::Deployed;

namespace {

const char* const pace = "[pace]\nbatch_rows = 40\nsleep = \"1ms\"\n";

const char* const rename_file = R"(
summary = "user_name becomes username"
[[change]]
kind  = "rename_column"
table = "users"
from  = "user_name"
to    = "username"
)";

const char* const retype_file = R"(
summary = "users.size becomes a number"
[[change]]
kind   = "change_column"
table  = "users"
column = "size"
type   = "bigint"
)";

const char* const copy_file = R"toml(
summary = "users gets a successor"
[[change]]
kind        = "copy_table"
table       = "users"
to          = "people"
primary_key = ["id"]
columns     = [
  { name = "id", type = "bigint" },
  { name = "name", type = "varchar(60)", value = "user_name", nullable = false },
  { name = "note", type = "varchar(60)" },
  { name = "mark", type = "varchar(10)", default = "'none'" },
]
)toml";

const char* const split_table_file = R"toml(
summary = "users.user_name gets a table"
[[change]]
kind    = "split_table"
table   = "users"
into    = "names"
columns = ["user_name"]
)toml";

const char* const merge_tables_file = R"toml(
summary = "names go into users"
[[change]]
kind    = "merge_tables"
table   = "names"
into    = "users"
columns = ["user_name"]
)toml";

const char* const move_column_file = R"toml(
summary = "users.user_name goes to owners"
[[change]]
kind   = "move_column"
table  = "users"
column = "user_name"
to     = "owners"
on     = { id = "id" }
)toml";

const char* const rename_table_file = R"(
summary = "users becomes people"
[[change]]
kind  = "rename_table"
table = "users"
to    = "people"
)";

const char* const split_file = R"toml(
summary = "users.full_name is split"
[[change]]
kind   = "split_column"
table  = "users"
column = "full_name"
into   = [
  { name = "first_name", type = "varchar(60)", nullable = false, up = { postgresql = "split_part(full_name, ' ', 1)", mysql = "SUBSTRING_INDEX(full_name, ' ', 1)", sqlite = "substr(full_name, 1, instr(full_name, ' ') - 1)" } },
  { name = "last_name", type = "varchar(60)", up = { postgresql = "split_part(full_name, ' ', 2)", mysql = "SUBSTRING_INDEX(full_name, ' ', -1)", sqlite = "substr(full_name, instr(full_name, ' ') + 1)" } },
]
down = { postgresql = "first_name || ' ' || last_name", mysql = "CONCAT(first_name, ' ', last_name)", sqlite = "first_name || ' ' || last_name" }
)toml";

const char* const merge_file = R"toml(
summary = "users gets one name"
[[change]]
kind    = "merge_columns"
table   = "users"
columns = ["first_name", "last_name"]
downs.first_name = { postgresql = "split_part(full_name, ' ', 1)", mysql = "SUBSTRING_INDEX(full_name, ' ', 1)", sqlite = "substr(full_name, 1, instr(full_name, ' ') - 1)" }
downs.last_name = { postgresql = "split_part(full_name, ' ', 2)", mysql = "SUBSTRING_INDEX(full_name, ' ', -1)", sqlite = "substr(full_name, instr(full_name, ' ') + 1)" }
[change.into]
name = "full_name"
type = "varchar(121)"
nullable = false
up   = { postgresql = "first_name || ' ' || last_name", mysql = "CONCAT(first_name, ' ', last_name)", sqlite = "first_name || ' ' || last_name" }
)toml";

const char* const values_file = R"toml(
summary = "users.state has other values"
[[change]]
kind   = "change_enum"
table  = "users"
column = "state"
values = ["lost", "sent", "paid", "new"]
)toml";

std::string any_state(unsigned random)
{
    return random % 3 == 0 ? "new" : random % 3 == 1 ? "paid" : "sent";
}

std::string pair_of_names(long long id)
{
    return "First" + std::to_string(id) + " Last" + std::to_string(id * 7);
}

std::string any_pair_of_names(unsigned random)
{
    return "F" + std::to_string(random % 100000) + (random % 3 == 0 ? "é" : "") + " L" +
           std::to_string(random % 77777);
}

std::string name_of_client(long long id)
{
    return id % 7 == 0 ? "" : "Name" + std::to_string(id);
}

std::string any_name(unsigned random)
{
    return "N" + std::to_string(random % 100000) + (random % 3 == 0 ? "é" : "");
}

/// The columns that must agree until contract, and after it.
struct Columns {
    std::vector<test::Place> until;
    std::vector<test::Place> after;
};

/// expand, migrate, contract, the undo of contract, verify, and back to the beginning; the clients
/// write all the time.
void live_through_traffic(const test::TestDatabase& database, const std::string& file,
                          const test::Application& application, const Columns& columns)
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    const std::vector<Migration> migrations = {
        parse_migration(file + pace, "20260101000000_users.toml")};
    const Migration& migration = migrations[0];
    SystemClock clock;
    test::Failures listener;
    INFO(listener.text());
    Runner runner(database.connect(), clock, listener, std::stop_token{}, migrations,
                  RunnerOptions{});
    Client one(database, application, 0, seed);
    Client two(database, application, 1, seed + 1);
    const std::vector<Client*> clients = {&one, &two};

    CHECK(runner.expand(migration) == RunEnd::done);
    test::with_traffic(clients, Deployed::first,
                       [&] { CHECK(runner.migrate(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, columns.until);
    test::with_traffic(clients, Deployed::both, [] {});
    test::check_ledgers(database, clients, columns.until);

    test::with_traffic(clients, Deployed::new_only,
                       [&] { CHECK(runner.contract(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, columns.after);

    test::with_traffic(clients, Deployed::new_only,
                       [&] { CHECK(runner.rollback(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, columns.until);

    test::with_traffic(clients, Deployed::both, [&] { (void)runner.verify(migration); });
    test::check_ledgers(database, clients, columns.until);
    CHECK(runner.rollback(migration) == RunEnd::done);
    test::check_ledgers(database, clients, {columns.until.front()});
}

} // namespace

TEST_CASE("nothing that two versions of the application write is lost while a column is renamed")
{
    const test::Application application{
        .old_columns = {{.column = "user_name"}, {.column = "username"}},
        .new_columns = {{.column = "username"}},
        .first_value = [](long long id) { return id % 7 == 0 ? "" : "Name" + std::to_string(id); },
        .next_value =
            [](unsigned random) {
                return "N" + std::to_string(random % 100000) + (random % 3 == 0 ? "é" : "");
            }};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    live_through_traffic(
        database, rename_file, application,
        {{{.column = "user_name"}, {.column = "username"}}, {{.column = "username"}}});
}

TEST_CASE("nothing is lost while a column under a UNIQUE constraint is renamed")
{
    const test::Application application{
        .old_columns = {{.column = "user_name"}, {.column = "username"}},
        .new_columns = {{.column = "username"}},
        .first_value = name_of_client,
        .next_value = any_name};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    const std::string add = "ALTER TABLE users ADD CONSTRAINT users_once UNIQUE (user_name, id)";
    database.run(
        test::by_engine(add, add,
                        "BEGIN; SELECT sluice_rebuild('users', 'add unique', '', 'CONSTRAINT "
                        "users_once UNIQUE (\"user_name\", \"id\")'); COMMIT"));
    live_through_traffic(
        database, rename_file, application,
        {{{.column = "user_name"}, {.column = "username"}}, {{.column = "username"}}});
}

TEST_CASE("nothing that the application writes is lost while a column becomes a number")
{
    const test::Application application{
        .old_columns = {{.column = "size"}},
        .new_columns = {{.column = "size"}},
        .first_value = [](long long id) { return std::to_string(id * 7); },
        .next_value = [](unsigned random) { return std::to_string(random); }};
    const test::TestDatabase database;
    test::fill_users(database, "size", application);
    live_through_traffic(database, retype_file, application,
                         {{{.column = "size"}, {.column = "sluice_new_size"}},
                          {{.column = "size"}, {.column = "sluice_kept_size"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while a table is copied")
{
    const test::Place old_name{.column = "user_name"};
    const test::Place new_name{.column = "name", .table = "people"};
    const test::Application application{.first_columns = {old_name},
                                        .old_columns = {old_name, new_name},
                                        .new_columns = {new_name},
                                        .first_value = name_of_client,
                                        .next_value = any_name};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    live_through_traffic(
        database, copy_file, application,
        {{old_name, new_name}, {new_name, {.column = "user_name", .table = "sluice_kept_users"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while a table is renamed")
{
    if (test::by_engine("", "", "sqlite") == "sqlite") {
        return; // refused there
    }
    const test::Place old_name{.column = "user_name"};
    const test::Place new_name{.column = "user_name", .table = "people"};
    const test::Application application{.first_columns = {old_name, new_name},
                                        .old_columns = {old_name, new_name},
                                        .new_columns = {old_name, new_name},
                                        .first_value = name_of_client,
                                        .next_value = any_name,
                                        // MySQL: see the README's limits of rename_table.
                                        .tries_deadlocks_again = true};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    live_through_traffic(database, rename_table_file, application,
                         {{old_name, new_name}, {old_name, new_name}});
}

TEST_CASE("nothing that two versions of the application write is lost while a table is split")
{
    const test::Place whole{.column = "user_name"};
    const test::Place part{.column = "user_name", .part = "names"};
    const test::Application application{.old_columns = {whole, part},
                                        .new_columns = {part},
                                        .first_value = name_of_client,
                                        .next_value = any_name,
                                        .tries_deadlocks_again = true,
                                        .has_transactions = true};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    live_through_traffic(database, split_table_file, application,
                         {{whole, part}, {part, {.column = "sluice_kept_user_name"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while tables are merged")
{
    const test::Place whole{.column = "user_name"};
    const test::Place part{.column = "user_name", .part = "names"};
    const test::Application application{.old_columns = {part, whole},
                                        .new_columns = {whole},
                                        .first_value = name_of_client,
                                        .next_value = any_name,
                                        .tries_deadlocks_again = true,
                                        .has_transactions = true};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    database.run("CREATE TABLE names (id " + test::by_engine("bigint", "bigint", "integer") +
                 " PRIMARY KEY, user_name varchar(60) NOT NULL);"
                 "INSERT INTO names SELECT id, user_name FROM users;"
                 "ALTER TABLE users DROP COLUMN user_name");
    live_through_traffic(
        database, merge_tables_file, application,
        {{part, whole}, {whole, {.column = "user_name", .part = "sluice_kept_names"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while a column moves")
{
    const test::Place old_name{.column = "user_name", .beside = "owners"};
    const test::Place new_name{.column = "user_name", .part = "owners"};
    const test::Application application{.old_columns = {old_name, new_name},
                                        .new_columns = {new_name},
                                        .first_value = name_of_client,
                                        .next_value = any_name,
                                        .tries_deadlocks_again = true,
                                        .has_transactions = true};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    database.run("CREATE TABLE owners (id " + test::by_engine("bigint", "bigint", "integer") +
                 " PRIMARY KEY); INSERT INTO owners SELECT id FROM users");
    live_through_traffic(database, move_column_file, application,
                         {{old_name, new_name}, {new_name, {.column = "sluice_kept_user_name"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while a column is split")
{
    const test::Place whole{.column = "full_name"};
    const test::Place parts{.column = "first_name,last_name"};
    const test::Application application{.old_columns = {whole, parts},
                                        .new_columns = {parts},
                                        .first_value = pair_of_names,
                                        .next_value = any_pair_of_names};
    const test::TestDatabase database;
    test::fill_users(database, "full_name", application);
    live_through_traffic(database, split_file, application,
                         {{whole, parts}, {parts, {.column = "sluice_kept_full_name"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while columns are merged")
{
    const test::Place whole{.column = "full_name"};
    const test::Place parts{.column = "first_name,last_name"};
    const test::Application application{.old_columns = {parts, whole},
                                        .new_columns = {whole},
                                        .first_value = pair_of_names,
                                        .next_value = any_pair_of_names};
    const test::TestDatabase database;
    test::fill_users(database, "first_name,last_name", application);
    live_through_traffic(
        database, merge_file, application,
        {{parts, whole}, {whole, {.column = "sluice_kept_first_name,sluice_kept_last_name"}}});
}

TEST_CASE("nothing that two versions of the application write is lost while an enumeration changes")
{
    if (test::by_engine("", "", "sqlite") == "sqlite") {
        return; // refused there
    }
    const test::Place state{.column = "state"};
    const test::Application application{
        .old_columns = {state, {.column = "sluice_new_state"}},
        .new_columns = {state},
        .first_value = [](long long id) { return any_state(static_cast<unsigned>(id)); },
        .next_value = any_state};
    const test::TestDatabase database;
    test::fill_users(database, "state", application);
    database.run(test::by_engine("CREATE TYPE state AS ENUM ('new', 'paid', 'sent');"
                                 "ALTER TABLE users ALTER COLUMN state TYPE state USING "
                                 "state::state",
                                 "ALTER TABLE users MODIFY state ENUM('new', 'paid', 'sent') NOT "
                                 "NULL",
                                 ""));
    live_through_traffic(
        database, values_file, application,
        {{state, {.column = "sluice_new_state"}}, {state, {.column = "sluice_kept_state"}}});
}
