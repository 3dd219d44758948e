// The network between a worker and the server fails at every stage of a batch, its commit included.
// SLUICE_TEST_CUTS says how often (10 unless said), SLUICE_TEST_SEED repeats a run.

#include "support/faults.h"
#include "support/proxy.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr int table_rows = 2'000;
constexpr int batch_rows = 20;

/// Any fault at any moment of any of the next requests, of which a batch has between 1 and 6.
test::Trap any_trap(test::Draw& draw)
{
    return {.fault = static_cast<test::Fault>(draw.below(4)),
            .moment = static_cast<test::Moment>(draw.below(5)),
            .requests_before = draw.below(24),
            .duration = draw.between(5, 300)};
}

void await_batch(const test::BackgroundWorker& worker)
{
    const long long batches = worker.batches();
    test::wait_until("a batch to succeed",
                     [&] { return worker.has_ended() || worker.batches() > batches; });
}

/// Springs trap after trap until the run is done or there were enough; returns how many. Mostly
/// there is a batch between two, because ten failures in a row rightly end a run.
long long disturb(test::Proxy& proxy, const test::BackgroundWorker& worker, test::Draw& draw,
                  long long most)
{
    for (long long sprung = 0; sprung < most; ++sprung) {
        proxy.set(any_trap(draw));
        while (!proxy.springs_within(20ms)) {
            if (worker.has_ended()) {
                return sprung;
            }
        }
        if (draw.below(4) > 0) {
            await_batch(worker);
        }
    }
    return most;
}

} // namespace

TEST_CASE("a network that fails at any stage of a batch loses no row and does none twice")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    test::Draw draw("SLUICE_TEST_CUTS", 10);
    long long retries = 0;
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = batch_rows,
        .round = [&](const auto& database, std::int64_t run, long long most) {
            test::Proxy proxy(database.url_text());
            test::BackgroundWorker worker(proxy.url_text(), run);
            const long long faults = disturb(proxy, worker, draw, most);
            CHECK(worker.end() == BackfillEnd::done);
            retries += worker.retries();
            return faults;
        }};
    const long long faults = rounds.play(draw);
    MESSAGE(faults, " network faults, ", retries, " retries, ", draw.told());
}

TEST_CASE("a commit whose reply is lost is settled by reading the cursor back")
{
    if (test::engine() == Engine::sqlite) {
        return;
    }
    // PostgreSQL commits with the one statement of the batch, whose text is sent until it is
    // prepared.
    const std::string commit = test::by_engine("sluice_bound AS", "COMMIT", "");
    for (const test::Moment moment : {test::Moment::before_request, test::Moment::after_request,
                                      test::Moment::before_reply, test::Moment::amid_reply}) {
        const test::TestDatabase database;
        test::make_counters(database.connect(), 200);
        const std::int64_t run = test::make_counting_run(database.connect(), batch_rows);
        test::Proxy proxy(database.url_text());
        proxy.set({.fault = test::Fault::reset,
                   .moment = moment,
                   .requests_before = test::engine() == Engine::mysql ? 4 : 0,
                   .text = commit});
        test::BackgroundWorker worker(proxy.url_text(), run);
        CHECK(worker.end() == BackfillEnd::done);
        CHECK_FALSE(proxy.is_set());
        CHECK(worker.retries() > 0);
        test::check_counted_once(database.connect(), 200);
    }
}

TEST_CASE("a server that does not hear that its client is gone lets go of the batch's locks")
{
    // PostgreSQL's batch is one statement, SQLite has no network.
    if (test::engine() != Engine::mysql || std::getenv("SLUICE_TEST_LONG") == nullptr) {
        return;
    }
    const test::TestDatabase database;
    test::make_counters(database.connect(), 200);
    const std::int64_t run = test::make_counting_run(database.connect(), batch_rows);
    test::Proxy proxy(database.url_text());
    proxy.set({.fault = test::Fault::half_cut,
               .requests_before = 4,
               .text = "COMMIT",
               .duration = std::chrono::hours(1)});
    test::BackgroundWorker worker(proxy.url_text(), run);
    CHECK(worker.end() == BackfillEnd::done);
    CHECK_FALSE(proxy.is_set());
    test::check_counted_once(database.connect(), 200);
    MESSAGE("after ", worker.retries(), " retries");
}
