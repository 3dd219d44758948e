// Two backfills of two migrations on one table at the same time, each in a process of its own.
// SLUICE_TEST_PAIRS says how many pairs (1 unless said).

#include "support/faults.h"
#include "support/program.h"

#include <doctest/doctest.h>

#include <cstdint>

using namespace sluice;

namespace {
constexpr int table_rows = 5'000;
} // namespace

TEST_CASE("two backfills of one table at the same time do not disturb each other's rows")
{
    const test::Draw draw("SLUICE_TEST_PAIRS", 1);
    for (long long pairs = 0; pairs < draw.wanted(); ++pairs) {
        const test::TestDatabase database;
        test::make_counters(database.connect(), table_rows);
        const std::int64_t one = test::make_counting_run(database.connect(), 20);
        const std::int64_t other = test::make_counting_run(database.connect(), 30);
        const pid_t first = test::start_worker(database.url_text(), one, "n");
        const pid_t second = test::start_worker(database.url_text(), other, "m");
        CHECK(test::await_program(first).exit_code == 0);
        CHECK(test::await_program(second).exit_code == 0);
        test::check_counted_once(database.connect(), table_rows, "n");
        test::check_counted_once(database.connect(), table_rows, "m");
    }
    MESSAGE(draw.wanted(), " pairs of runs on one table, ", draw.told());
}
