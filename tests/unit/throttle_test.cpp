#include "sluice/throttle/throttle.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const SignalRule lag{
    .name = "replica_lag", .unit = Unit::duration, .limits = {.hold = 5, .critical = 60}};
const SignalRule disk{.name = "free_disk",
                      .unit = Unit::bytes,
                      .side = Side::below,
                      .limits = {.hold = 10 * 0x1p30, .critical = 0x1p30}};
const SignalRule flag{.name = "flag file /x", .unit = Unit::flag, .limits = {}};

/// Seconds after 2026-11-21 10:31:00 UTC.
Moment at(double seconds)
{
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(seconds));
    return {.steady = SteadyTime{} + passed,
            .wall = std::chrono::system_clock::from_time_t(1795257060) + passed};
}

SignalState only_state(const Throttle& throttle, double seconds)
{
    return throttle.decide(at(seconds)).signals.at(0).state;
}

} // namespace

TEST_CASE("without rules nothing holds")
{
    const Decision decision = Throttle({}).decide(at(0));
    CHECK_FALSE(decision.holds);
    CHECK(reasons_text(decision).empty());
}

TEST_CASE("work waits until every signal has been read once")
{
    Throttle throttle({lag, flag});
    CHECK(throttle.decide(at(0)).holds);
    CHECK(reasons_text(throttle.decide(at(0))) ==
          "replica_lag is not read yet; flag file /x is not read yet");
    throttle.note(0, {.value = 1}, at(0));
    CHECK(throttle.decide(at(0)).holds);
    throttle.note(1, {.value = 0, .text = "is not there"}, at(0.1));
    CHECK_FALSE(throttle.decide(at(0.1)).holds);
}

TEST_CASE("a reading at the limit is within it, one beyond holds")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 5}, at(0));
    CHECK_FALSE(throttle.decide(at(0)).holds);
    throttle.note(0, {.value = 5.01}, at(1));
    CHECK(throttle.decide(at(1)).holds);
}

TEST_CASE("a signal holds until it has been well under its limit for a while")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 7.2, .text = "db2:5432"}, at(5));
    CHECK(reasons_text(throttle.decide(at(5))) ==
          "replica_lag 7.2s (db2:5432) over 5s since 10:31:05");
    throttle.note(0, {.value = 4.9}, at(6));
    CHECK(only_state(throttle, 6) == SignalState::calming);
    throttle.note(0, {.value = 4}, at(7));
    throttle.note(0, {.value = 4.5}, at(8)); // not calm: the while begins anew
    throttle.note(0, {.value = 3.9}, at(9));
    throttle.note(0, {.value = 1}, at(11.9));
    CHECK(reasons_text(throttle.decide(at(11.9))) ==
          "replica_lag 1s, was over 5s and must stay under 4s for 3s since 10:31:05");
    throttle.note(0, {.value = 1}, at(12));
    CHECK_FALSE(throttle.decide(at(12)).holds);
    throttle.note(0, {.value = 6}, at(13));
    CHECK(reasons_text(throttle.decide(at(13))) == "replica_lag 6s over 5s since 10:31:13");
}

TEST_CASE("a reading between calm and limit neither begins nor ends a hold")
{
    Throttle throttle({lag});
    for (int n = 0; n < 20; ++n) {
        throttle.note(0, {.value = 4.5}, at(n));
        CHECK_FALSE(throttle.decide(at(n)).holds);
    }
    throttle.note(0, {.value = 6}, at(20));
    for (int n = 21; n < 40; ++n) {
        throttle.note(0, {.value = 4.5}, at(n));
        CHECK(throttle.decide(at(n)).holds);
    }
}

TEST_CASE("of what must not run short, too little holds")
{
    Throttle throttle({disk});
    throttle.note(0, {.value = 9 * 0x1p30}, at(0));
    CHECK(reasons_text(throttle.decide(at(0))) == "free_disk 9GB under 10GB since 10:31:00");
    for (int n = 1; n < 10; ++n) {
        throttle.note(0, {.value = 12 * 0x1p30}, at(n));
    }
    CHECK(only_state(throttle, 9) == SignalState::calming);
    throttle.note(0, {.value = 13 * 0x1p30}, at(10));
    throttle.note(0, {.value = 13 * 0x1p30}, at(13));
    CHECK(only_state(throttle, 13) == SignalState::fine);
    throttle.note(0, {.value = 0x1p29}, at(14));
    throttle.note(0, {.value = 0x1p29}, at(15));
    CHECK(throttle.decide(at(15)).is_critical);
}

TEST_CASE("critical is told apart, from the second reading in a row")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 61}, at(0));
    CHECK(throttle.decide(at(0)).holds);
    CHECK_FALSE(throttle.decide(at(0)).is_critical);
    throttle.note(0, {.value = 10}, at(1));
    throttle.note(0, {.value = 61}, at(2));
    CHECK_FALSE(throttle.decide(at(2)).is_critical);
    throttle.note(0, {.value = 70}, at(3));
    CHECK(throttle.decide(at(3)).is_critical);
    CHECK(reasons_text(throttle.decide(at(3))) ==
          "replica_lag 70s over the critical 1m since 10:31:00");
    throttle.note(0, {.value = 59}, at(4));
    CHECK(throttle.decide(at(4)).holds);
    CHECK_FALSE(throttle.decide(at(4)).is_critical);
}

TEST_CASE("a signal that cannot be read holds and says why, and is trusted again after a while")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 1}, at(0));
    throttle.note_failure(0, "db2:5432 refused the connection", at(1));
    CHECK(reasons_text(throttle.decide(at(1))) ==
          "replica_lag cannot be read: db2:5432 refused the connection since 10:31:01");
    throttle.note_failure(0, "", at(2));
    CHECK(reasons_text(throttle.decide(at(2))).find("no reason is known") != std::string::npos);
    throttle.note(0, {.value = 1}, at(3));
    CHECK(throttle.decide(at(3)).holds);
    throttle.note(0, {.value = 1}, at(6));
    CHECK_FALSE(throttle.decide(at(6)).holds);
}

TEST_CASE("a failed reading does not count as critical")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 61}, at(0));
    throttle.note_failure(0, "gone", at(1));
    throttle.note(0, {.value = 61}, at(2));
    CHECK_FALSE(throttle.decide(at(2)).is_critical);
}

TEST_CASE("a reading that nobody renews holds when it is too old")
{
    Throttle throttle({lag});
    throttle.note(0, {.value = 1}, at(0));
    CHECK_FALSE(throttle.decide(at(15)).holds);
    CHECK(reasons_text(throttle.decide(at(20))) ==
          "replica_lag was last read 20s ago since 10:31:15");
    throttle.note(0, {.value = 1}, at(21));
    CHECK_FALSE(throttle.decide(at(21)).holds);
}

TEST_CASE("a number that is none is beyond every limit")
{
    Throttle throttle({lag, disk});
    throttle.note(0, {.value = std::stod("nan")}, at(0));
    throttle.note(1, {.value = std::stod("nan")}, at(0));
    CHECK(throttle.decide(at(0)).reasons().size() == 2);
}

TEST_CASE("all reasons are told, each since its own time")
{
    Throttle throttle({lag, disk, flag});
    throttle.note(0, {.value = 7.2}, at(5));
    throttle.note(1, {.value = 50 * 0x1p30}, at(6));
    throttle.note(2, {.value = 1, .text = "is there"}, at(7));
    const Decision decision = throttle.decide(at(8));
    CHECK(decision.reasons().size() == 2);
    CHECK(reasons_text(decision) == "replica_lag 7.2s over 5s since 10:31:05; flag file /x is "
                                    "there since 10:31:07");
}

TEST_CASE("a decision is kept as JSON with all readings, and cannot outgrow its column")
{
    Throttle throttle({lag, disk});
    throttle.note(0, {.value = 7.2}, at(5));
    throttle.note_failure(1, std::string(100'000, 'x') + "\xff", at(6));
    const auto json = nlohmann::json::parse(decision_json(throttle.decide(at(6))));
    CHECK(json.at("holds") == true);
    CHECK(json.at("critical") == false);
    CHECK(json.at("signals").at(0) == nlohmann::json{{"signal", "replica_lag"},
                                                     {"state", "over"},
                                                     {"reading", "7.2s"},
                                                     {"limit", "5s"},
                                                     {"critical", "1m"},
                                                     {"text", "replica_lag 7.2s over 5s"},
                                                     {"since", "2026-11-21T10:31:05Z"}});
    CHECK(json.at("signals").at(1).at("state") == "unreadable");
    CHECK(json.dump().size() < 2000);
}
