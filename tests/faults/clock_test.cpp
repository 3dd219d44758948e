// The server's clock jumps, as the leases see it: their ends move into the past and into the far
// future while workers hold them. SLUICE_TEST_JUMPS says how often (20 unless said),
// SLUICE_TEST_SEED repeats a run.

#include "support/faults.h"
#include "support/program.h"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <string>

using namespace sluice;

namespace {

constexpr int table_rows = 5'000;
constexpr const char* future = "2100-01-01T00:00:00.000Z";

} // namespace

TEST_CASE("a clock that jumps while two workers share a run makes no row be done twice")
{
    test::Draw draw("SLUICE_TEST_JUMPS", 20);
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = 10,
        .round = [&draw](const auto& database, std::int64_t run, long long most) {
            test::BackgroundWorker one(database.url_text(), run);
            test::BackgroundWorker other(database.url_text(), run);
            long long jumps = 0;
            while (jumps < most && !one.has_ended() && !other.has_ended()) {
                const char* time = draw.below(4) == 0 ? future : test::long_past;
                jumps += test::set_lease_ends(database.connect(), time) ? 1 : 0;
            }
            CHECK(one.end() == BackfillEnd::done);
            CHECK(other.end() == BackfillEnd::done);
            return jumps;
        }};
    const long long jumps = rounds.play(draw);
    MESSAGE(jumps, " jumps of the clock, ", draw.told());
}

TEST_CASE(
    "a lease that a clock has moved far into the future is not waited for when its holder is dead")
{
    const test::TestDatabase database;
    test::make_counters(database.connect(), table_rows);
    const std::int64_t run = test::make_counting_run(database.connect(), 10);
    const pid_t first = test::start_worker(database.url_text(), run);
    test::wait_until("the run to move",
                     [&] { return test::batches_done(database.connect(), run) > 0; });
    kill(first, SIGKILL);
    (void)test::await_program(first);
    test::wait_until("the lease to move",
                     [&] { return test::set_lease_ends(database.connect(), future); });
    test::BackgroundWorker successor(database.url_text(), run);
    CHECK(successor.end() == BackfillEnd::done);
    test::check_counted_once(database.connect(), table_rows);
}
