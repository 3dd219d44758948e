// What makes batches smaller: the time that they take themselves, and not the time for which others
// keep them waiting.

#include "support/backfill.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr int table_rows = 400;
constexpr std::int64_t batch_rows = 40;

/// Time passes before each statement that has this in its text.
void make_slow(test::Backfill& backfill, std::string_view text)
{
    backfill.changes.before_statement = [&backfill, text](std::string_view, std::string_view sql) {
        if (sql.find(text) != std::string_view::npos) {
            backfill.clock.sleep(300ms, {});
        }
    };
}

std::vector<std::int64_t> sizes(const test::Backfill& backfill)
{
    std::vector<std::int64_t> found;
    for (const BatchDone& batch : backfill.listener.all<BatchDone>()) {
        found.push_back(batch.batch_rows);
    }
    return found;
}

std::string text(const std::vector<std::int64_t>& sizes)
{
    return fmt::format("{}", fmt::join(sizes, " "));
}

void check_done_once(const test::TestDatabase& database)
{
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == std::to_string(table_rows));
}

} // namespace

TEST_CASE("batches that take too long themselves become smaller")
{
    const test::TestDatabase database;
    test::make_users(database, table_rows);
    const std::int64_t run = test::make_run(database, batch_rows);
    test::Backfill backfill{.database = database};
    make_slow(backfill, test::by_engine("sluice_bound AS", "UPDATE `users`", "UPDATE \"users\""));
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    const std::vector<std::int64_t> found = sizes(backfill);
    REQUIRE(found.size() > 2);
    CHECK(found[0] == batch_rows);
    CHECK(found[1] == 10); // the least that time makes of a batch
    check_done_once(database);
}

TEST_CASE("the wait for the one writer does not make batches smaller")
{
    if (test::engine() != Engine::sqlite) {
        return;
    }
    const test::TestDatabase database;
    test::make_users(database, table_rows);
    const std::int64_t run = test::make_run(database, batch_rows);
    test::Backfill backfill{.database = database};
    make_slow(backfill, "BEGIN IMMEDIATE");
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    const std::vector<std::int64_t> expected(table_rows / batch_rows, batch_rows);
    CHECK(text(sizes(backfill)) == text(expected));
    check_done_once(database);
}

/// The row is the fifth of the sixth batch.
TEST_CASE("a row that the application holds for a while does not make batches smaller for good")
{
    const test::TestDatabase database;
    test::make_users(database, table_rows);
    const std::int64_t run = test::make_run(database, batch_rows);
    test::Backfill backfill{.database = database, .changes = {.lock_timeout = 20ms}};
    Session application = database.open();
    int batches = 0;
    int refusals = 0;
    backfill.listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) && ++batches == 2) {
            application.begin();
            application.execute("UPDATE users SET username = 'held' WHERE id = 615");
        }
        if (std::holds_alternative<Retrying>(event) && ++refusals == 4) {
            application.commit();
        }
    };
    CHECK(backfill.run(run, test::increment_work()) == BackfillEnd::done);
    CHECK(refusals == 4);
    // Where rows are held, and not the whole database, the batches before them go on.
    std::vector<std::int64_t> expected(test::engine() == Engine::sqlite ? 2 : 5, batch_rows);
    expected.insert(expected.end(), {10, 10, 20});
    std::int64_t left = table_rows - std::accumulate(expected.begin(), expected.end(), 0LL);
    for (; left > 0; left -= batch_rows) {
        expected.push_back(std::min(left, batch_rows));
    }
    CHECK(text(sizes(backfill)) == text(expected));
    check_done_once(database);
}
