// Two versions of an application write at full speed, the old one to the table, the new one through
// the views of its own, through the whole life of the migration. No write is lost, and no client
// sees an error.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/traffic.h"

#include <doctest/doctest.h>

using namespace sluice;
using test::Client;
using test::Deployed;
using test::Place;

namespace {

const char* const pace = "[pace]\nbatch_rows = 40\nsleep = \"1ms\"\n";

std::string name_of_client(long long id)
{
    return id % 7 == 0 ? "" : "Name" + std::to_string(id);
}

std::string any_name(unsigned random)
{
    return "N" + std::to_string(random % 100000) + (random % 3 == 0 ? "é" : "");
}

std::string number_of_client(long long id)
{
    return std::to_string(id * 7);
}

std::string any_number(unsigned random)
{
    return std::to_string(random);
}

std::string view_in(const test::TestDatabase& database)
{
    const std::string schema = test::by_engine("public", "", "");
    return (schema.empty() ? database.value("SELECT DATABASE()") : schema) + "_5.users";
}

struct Scene {
    std::string change;
    std::vector<Place> until; ///< that must agree until contract
    std::vector<Place> after; ///< and after it
};

void live_through_traffic(const test::TestDatabase& database, const Scene& scene,
                          const test::Application& application)
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    const std::vector<Migration> migrations = {parse_migration(
        "views = true\n[[change]]\ntable = \"users\"\n" + scene.change + pace, "5_users.toml")};
    const Migration& migration = migrations[0];
    SystemClock clock;
    test::Failures listener;
    Runner runner(database.connect(), clock, listener, std::stop_token{}, migrations,
                  RunnerOptions{});
    Client one(database, application, 0, seed);
    Client two(database, application, 1, seed + 1);
    const std::vector<Client*> clients = {&one, &two};

    test::with_traffic(clients, Deployed::first,
                       [&] { CHECK(runner.expand(migration) == RunEnd::done); });
    test::with_traffic(clients, Deployed::both,
                       [&] { CHECK(runner.migrate(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, scene.until);
    test::with_traffic(clients, Deployed::new_only,
                       [&] { CHECK(runner.contract(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, scene.after);
    test::with_traffic(clients, Deployed::new_only,
                       [&] { CHECK(runner.rollback(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, scene.until);
    test::with_traffic(clients, Deployed::both, [&] { (void)runner.verify(migration); });
    test::with_traffic(clients, Deployed::first,
                       [&] { CHECK(runner.rollback(migration) == RunEnd::done); });
    test::check_ledgers(database, clients, {scene.until.front()});
}

} // namespace

TEST_CASE("nothing is lost while the table's clients and the views' write a renamed column")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused there
    }
    const test::TestDatabase database;
    const Place old_name{.column = "user_name"};
    const Place new_name{.column = "username", .table = view_in(database)};
    const test::Application application{.first_columns = {old_name},
                                        .old_columns = {old_name, new_name},
                                        .new_columns = {new_name},
                                        .first_value = name_of_client,
                                        .next_value = any_name};
    test::fill_users(database, "user_name", application);
    live_through_traffic(database,
                         {"kind = \"rename_column\"\nfrom = \"user_name\"\nto = \"username\"\n",
                          {old_name, new_name, {.column = "username"}},
                          {new_name, {.column = "username"}, {.column = "sluice_kept_user_name"}}},
                         application);
}

TEST_CASE("nothing is lost while the table's clients and the views' write a column of two types")
{
    if (test::engine() == Engine::sqlite) {
        return; // refused there
    }
    const test::TestDatabase database;
    const Place old_size{.column = "size"};
    const Place new_size{.column = "size", .table = view_in(database)};
    const test::Application application{.first_columns = {old_size},
                                        .old_columns = {old_size, new_size},
                                        .new_columns = {new_size},
                                        .first_value = number_of_client,
                                        .next_value = any_number,
                                        // MySQL: see the README's limits of versions.
                                        .tries_broken_views_again = true};
    test::fill_users(database, "size", application);
    live_through_traffic(database,
                         {"kind = \"change_column\"\ncolumn = \"size\"\ntype = \"bigint\"\n",
                          {old_size, new_size, {.column = "sluice_new_size"}},
                          {new_size, {.column = "size"}, {.column = "sluice_kept_size"}}},
                         application);
}
