#include "sluice/core/error.h"
#include "sluice/migration/migration.h"

#include <doctest/doctest.h>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a duration is a number and a unit")
{
    CHECK(parse_duration("10ms") == 10ms);
    CHECK(parse_duration("2s") == 2s);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("24h") == 24h);
    CHECK(parse_duration("7d") == 168h);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("what is no duration is refused with what was expected")
{
    for (const char* text : {"", "10", "s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "5min", "1S",
                             "99999999999999999999s", "9223372036854775807d"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(static_cast<void>(parse_duration(text)), Error);
    }
    try {
        static_cast<void>(parse_duration("10"));
        FAIL("expected an error");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        CHECK(error.message == "expected a duration such as \"10ms\", \"2s\", \"5m\", \"24h\" or "
                               "\"7d\", found \"10\"");
    }
}
