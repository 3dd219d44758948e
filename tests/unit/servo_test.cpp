#include "sluice/throttle/servo.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// A table whose batches take `per_row` for each row, and what the servo makes of it.
struct Subject {
    Pace pace{.batch_rows = 500, .batch_max = 1000, .batch_time = 50ms};
    std::function<Microseconds(std::int64_t rows)> time_of;
    Servo servo;

    std::int64_t batch()
    {
        const std::int64_t rows = servo.rows(pace);
        servo.after_batch(pace, rows, time_of(rows));
        return servo.rows(pace);
    }

    std::int64_t batches(int count)
    {
        for (int n = 0; n < count; ++n) {
            (void)batch();
        }
        return servo.rows(pace);
    }
};

std::function<Microseconds(std::int64_t)> linear(Microseconds per_row)
{
    return [per_row](std::int64_t rows) { return per_row * rows; };
}

} // namespace

TEST_CASE("a batch begins with the first guess and converges to what takes the wanted time")
{
    for (const Microseconds per_row : {30us, 70us, 100us, 140us, 400us, 900us, 2500us}) {
        CAPTURE(per_row.count());
        Subject table{.time_of = linear(per_row)};
        CHECK(table.servo.rows(table.pace) == 500);
        const auto time = per_row * table.batches(300);
        const bool is_at_ceiling = table.servo.rows(table.pace) == table.pace.batch_max;
        CHECK((is_at_ceiling || time > 40ms));
        CHECK(time <= 58ms);
    }
}

TEST_CASE("a size that is right is not changed again")
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> noise(0.85, 1.15);
    Subject table{.time_of = [&](std::int64_t rows) {
        return Microseconds(
            static_cast<std::int64_t>(static_cast<double>(rows) * 100 * noise(random)));
    }};
    (void)table.batches(200);
    int changes = 0;
    std::int64_t last = table.servo.rows(table.pace);
    for (int n = 0; n < 1000; ++n) {
        const std::int64_t now = table.batch();
        changes += now != last ? 1 : 0;
        last = now;
    }
    CHECK(changes <= 5);
    CHECK(last > 350);
    CHECK(last < 550);
}

TEST_CASE("a sudden slow-down is answered in one batch")
{
    Subject table{.time_of = linear(50us)};
    (void)table.batches(100);
    CHECK(table.servo.rows(table.pace) == 1000);
    table.time_of = linear(300us);
    CHECK(table.batch() == 100);
}

TEST_CASE("growth is at most half as much again, and takes ten batches each time")
{
    Subject table{.pace = {.batch_rows = 20, .batch_max = 1000, .batch_time = 50ms},
                  .time_of = linear(1us)};
    std::int64_t last = 20;
    int since = 0;
    while (last < 1000) {
        const std::int64_t now = table.batch();
        ++since;
        if (now != last) {
            CHECK(since == 10);
            CHECK(now <= last + last / 2 + 1);
            since = 0;
        }
        last = now;
    }
    CHECK(table.servo.rows(table.pace) == 1000);
}

TEST_CASE("there is a floor, below which only a person goes")
{
    Subject table{.time_of = linear(1s)};
    CHECK(table.batches(20) == 10);
    table.pace.batch_rows = 3;
    table.pace.batch_max = 3;
    CHECK(table.servo.rows(table.pace) == 3);
    CHECK(table.batches(20) == 3);
    table.servo.halve(table.pace);
    CHECK(table.servo.rows(table.pace) == 3);
}

TEST_CASE("another first guess and another ceiling are obeyed at once")
{
    Subject table{.time_of = linear(10us)};
    CHECK(table.batches(100) == 1000);
    table.pace.batch_max = 200;
    CHECK(table.servo.rows(table.pace) == 200);
    table.pace.batch_max = 1000;
    table.pace.batch_rows = 50;
    CHECK(table.servo.rows(table.pace) == 50);
}

TEST_CASE("a time-out halves a batch, which grows back while it succeeds")
{
    Subject table{.time_of = linear(50us)};
    (void)table.batches(100);
    table.servo.halve(table.pace);
    CHECK(table.servo.rows(table.pace) == 500);
    CHECK(table.batches(100) == 1000);
}

TEST_CASE("batches at the end of a range say nothing about the size")
{
    Servo servo;
    const Pace pace{.batch_rows = 500, .batch_max = 1000, .batch_time = 50ms};
    for (int n = 0; n < 100; ++n) {
        servo.after_batch(pace, 3, 100us);
    }
    CHECK(servo.rows(pace) == 500);
}

TEST_CASE("ranges in which nothing needs work are crossed in the largest batches")
{
    // 10,000,000 rows of which every thousandth needs work: 40 us to look at ten, 90 us a change.
    Subject table{.time_of = [](std::int64_t rows) { return Microseconds(rows * 4 + rows / 11); }};
    std::int64_t rows = 0;
    int batches = 0;
    while (rows < 10'000'000) {
        rows += table.batch();
        ++batches;
    }
    CHECK(batches < 10'100);
}

TEST_CASE("the rhythm is told as it was in the last hundred batches")
{
    Servo servo;
    const Pace pace{.batch_rows = 100, .batch_max = 100, .batch_time = 50ms};
    CHECK(servo.rhythm(pace).p99_us == 0);
    for (int n = 1; n <= 200; ++n) {
        servo.after_batch(pace, 100, n * 100us);
    }
    CHECK(servo.rhythm(pace).rows_now == 100);
    CHECK(servo.rhythm(pace).p50_us == 15'000);
    CHECK(servo.rhythm(pace).p99_us == 19'900);
}
