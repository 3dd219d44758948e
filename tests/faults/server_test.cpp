// The server is killed with -9 in the middle of the batches and started again. What a crash may
// lose are the newest batches, each whole and with its cursor. SLUICE_TEST_CRASHES says how often
// (once unless said), SLUICE_TEST_SEED repeats a run.

#include "support/faults.h"
#include "support/private_server.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace sluice;

namespace {

constexpr int table_rows = 20'000;

/// Crashes the server while the worker works, until the run is done or there were enough.
long long disturb(const test::PrivateServer& server, const test::BackgroundWorker& worker,
                  test::Draw& draw, long long most)
{
    for (long long crashes = 0; crashes < most; ++crashes) {
        const long long batches = worker.batches() + draw.below(40) + 1;
        test::wait_until("the worker to work",
                         [&] { return worker.has_ended() || worker.batches() >= batches; });
        if (worker.has_ended()) {
            return crashes;
        }
        server.crash();
        server.restart();
    }
    return most;
}

} // namespace

TEST_CASE("a server that is killed and started again has every row done exactly once")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    test::Draw draw("SLUICE_TEST_CRASHES", 1);
    const std::uint64_t seed = draw.seed();
    CAPTURE(seed);
    test::PrivateServer server;
    long long crashes = 0;
    long long retries = 0;
    while (crashes < draw.wanted()) {
        const std::string url = server.make_database();
        const Connect connect = test::connect_to(url);
        test::make_counters(connect, table_rows);
        const std::int64_t run = test::make_counting_run(connect, 20);
        test::BackgroundWorker worker(url, run);
        crashes += disturb(server, worker, draw, draw.wanted() - crashes);
        CHECK(worker.end() == BackfillEnd::done);
        test::check_counted_once(connect, table_rows);
        retries += worker.retries();
    }
    MESSAGE(crashes, " crashes of the server, ", retries, " retries, ", draw.told());
}
