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

/// The columns that must agree until contract, and after it.
struct Columns {
    std::vector<std::string> until;
    std::vector<std::string> after;
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
    test::with_traffic(clients, Deployed::both,
                       [&] { CHECK(runner.migrate(migration) == RunEnd::done); });
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
        .old_columns = {"user_name", "username"},
        .new_columns = {"username"},
        .first_value = [](long long id) { return id % 7 == 0 ? "" : "Name" + std::to_string(id); },
        .next_value =
            [](unsigned random) {
                return "N" + std::to_string(random % 100000) + (random % 3 == 0 ? "é" : "");
            }};
    const test::TestDatabase database;
    test::fill_users(database, "user_name", application);
    live_through_traffic(database, rename_file, application,
                         {{"user_name", "username"}, {"username"}});
}

TEST_CASE("nothing that the application writes is lost while a column becomes a number")
{
    const test::Application application{
        .old_columns = {"size"},
        .new_columns = {"size"},
        .first_value = [](long long id) { return std::to_string(id * 7); },
        .next_value = [](unsigned random) { return std::to_string(random); }};
    const test::TestDatabase database;
    test::fill_users(database, "size", application);
    live_through_traffic(database, retype_file, application,
                         {{"size", "sluice_new_size"}, {"size", "sluice_kept_size"}});
}
