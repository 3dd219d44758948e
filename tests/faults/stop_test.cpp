// A process that sleeps past its lease: SIGSTOP, another takes the range over, SIGCONT. The one
// that wakes up is fenced off. SLUICE_TEST_STOPS says how often (2 unless said), SLUICE_TEST_SEED
// repeats a run.

#include "support/faults.h"
#include "support/program.h"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <thread>

using namespace sluice;

namespace {

constexpr int table_rows = 3'000;

/// Stops the process where it holds no lock that outlives its lease.
void stop_between_transactions(pid_t process, const test::TestDatabase& database)
{
    test::wait_until("the process to stop between two transactions", [&] {
        kill(process, SIGSTOP);
        if (test::set_lease_ends(database.connect(), test::long_past)) {
            return true;
        }
        kill(process, SIGCONT);
        std::this_thread::yield();
        return false;
    });
}

bool is_done(const test::TestDatabase& database)
{
    return database.value("SELECT count(*) FROM " + database.open().dialect().state_table("run") +
                          " WHERE state <> 'done'") == "0";
}

void work_until(const test::TestDatabase& database, std::int64_t run, long long batches)
{
    test::wait_until("the run to move", [&] {
        return test::batches_done(database.connect(), run) >= batches || is_done(database);
    });
}

/// One sleeper, one who takes over, and the sleeper again. 0: the run ended before the stop.
long long sleep_past_lease(test::Draw& draw, const test::TestDatabase& database, std::int64_t run)
{
    const pid_t sleeper = test::start_worker(database.url_text(), run);
    work_until(database, run, draw.below(100) + 1);
    stop_between_transactions(sleeper, database);
    const bool was_in_time = !is_done(database);
    const long long batches = test::batches_done(database.connect(), run);
    const pid_t successor = test::start_worker(database.url_text(), run);
    work_until(database, run, batches + 1 + draw.below(100));
    kill(sleeper, SIGCONT);
    CHECK(test::await_program(sleeper).exit_code == 0);
    CHECK(test::await_program(successor).exit_code == 0);
    return was_in_time ? 1 : 0;
}

} // namespace

TEST_CASE("a process that wakes up after its range was taken over is fenced off")
{
    test::Draw draw("SLUICE_TEST_STOPS", 2);
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = 10,
        .round = [&draw](const auto& database, std::int64_t run, long long /*most*/) {
            return sleep_past_lease(draw, database, run);
        }};
    const long long stops = rounds.play(draw);
    MESSAGE(stops, " sleeps past the lease, ", draw.told());
}
