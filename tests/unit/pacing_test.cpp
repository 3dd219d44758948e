#include "sluice/backfill/pacing.h"

#include <doctest/doctest.h>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a worker rests so long that the database is busy for its duty only")
{
    const Pace half{.batch_rows = 500, .sleep = 0ms, .duty = 0.5};
    const Pace quarter{.batch_rows = 500, .sleep = 0ms, .duty = 0.25};
    CHECK(rest_after(half, {}, 20ms, 1, 0) == 20ms);
    CHECK(rest_after(quarter, {}, 20ms, 1, 0) == 60ms);
    CHECK(rest_after({.sleep = 0ms, .duty = 1}, {}, 20ms, 1, 0) == 0ms);
}

TEST_CASE("the rest is never shorter than the pace's sleep")
{
    CHECK(rest_after({.sleep = 50ms, .duty = 0.5}, {}, 20ms, 1, 0) == 50ms);
    CHECK(rest_after({.sleep = 50ms, .duty = 1}, {}, 20ms, 1, 0) == 50ms);
    CHECK(rest_after({.sleep = 50ms, .duty = 0.1}, {}, 20ms, 1, 0) == 180ms);
}

TEST_CASE("a batch that changed nothing is not slept after, but its duty is kept")
{
    CHECK(rest_after({.sleep = 50ms, .duty = 0.5}, {}, 2ms, 0, 0) == 2ms);
}

TEST_CASE("with one writer per database the rest is at least as long as the batch")
{
    const Capabilities one_writer{.one_writer = true};
    CHECK(rest_after({.sleep = 0ms, .duty = 0.9}, one_writer, 20ms, 1, 0) == 20ms);
    CHECK(rest_after({.sleep = 0ms, .duty = 0.2}, one_writer, 20ms, 1, 0) == 80ms);
}

TEST_CASE("a duty of 1 says that no other writer is there to be starved")
{
    CHECK(rest_after({.sleep = 0ms, .duty = 1}, {.one_writer = true}, 20ms, 1, 0) == 0ms);
}

TEST_CASE("waits between attempts double, have a limit, and differ by chance")
{
    CHECK(backoff(1, 10s, 1) == 50ms);
    CHECK(backoff(2, 10s, 1) == 100ms);
    CHECK(backoff(5, 10s, 1) == 800ms);
    CHECK(backoff(1, 10s, 0) == 25ms);
    CHECK(backoff(8, 10s, 1) == 6'400ms);
    CHECK(backoff(9, 10s, 1) == 10s);
    CHECK(backoff(1000, 10s, 1) == 10s);
}

TEST_CASE("who waits for a lock looks again every two seconds, who waits for a server every ten")
{
    CHECK(backoff(6, longest_wait(Cause::lock_timeout), 1) == 1'600ms);
    CHECK(backoff(7, longest_wait(Cause::lock_timeout), 1) == 2s);
    CHECK(backoff(100, longest_wait(Cause::lock_timeout), 1) == 2s);
    CHECK(backoff(100, longest_wait(Cause::lock_timeout), 0) == 1s);
    CHECK(backoff(100, longest_wait(Cause::connection_lost), 1) == 10s);
}

TEST_CASE("the rate counts the last seconds only")
{
    Rate rate;
    const SteadyTime start{};
    CHECK(rate.per_second(start) == 0);
    for (int n = 0; n <= 20; ++n) {
        rate.add(start + n * 100ms, 1000);
    }
    CHECK(rate.per_second(start + 2s) == doctest::Approx(10'000));
    for (int n = 1; n <= 100; ++n) {
        rate.add(start + 2s + n * 100ms, 10);
    }
    CHECK(rate.per_second(start + 12s) == doctest::Approx(100).epsilon(0.05));
}
