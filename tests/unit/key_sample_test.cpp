#include "sluice/db/key_sample.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

std::vector<Column> whole_numbers(bool is_unsigned)
{
    return {{.name = "id",
             .type = {.sql = "bigint",
                      .family = TypeFamily::integer,
                      .bits = 64,
                      .is_unsigned = is_unsigned}}};
}

std::vector<KeyValues> spread(const std::string& first, const std::string& last, int parts)
{
    return spread_keys(whole_numbers(first[0] != '-'), {first}, {last}, parts);
}

} // namespace

TEST_CASE("points are spread evenly between two whole numbers")
{
    CHECK(spread("1", "101", 4) == std::vector<KeyValues>{{"26"}, {"51"}, {"76"}});
    CHECK(spread("-50", "50", 2) == std::vector<KeyValues>{{"0"}});
    CHECK(spread("-9223372036854775808", "9223372036854775807", 2) ==
          std::vector<KeyValues>{{"-1"}});
    CHECK(spread("0", "18446744073709551615", 3) ==
          std::vector<KeyValues>{{"6148914691236517205"}, {"12297829382473034410"}});
}

TEST_CASE("there is no point where there are fewer numbers than parts")
{
    CHECK(spread("7", "7", 4).empty());
    CHECK(spread("7", "9", 4).empty());
}

TEST_CASE("nothing is said about how other keys are spread")
{
    const Column text{.name = "name", .type = {.sql = "text", .family = TypeFamily::text}};
    CHECK(spread_keys({text}, {"a"}, {"z"}, 4).empty());
    std::vector<Column> both = whole_numbers(false);
    both.push_back(text);
    CHECK(spread_keys(both, {"1", "a"}, {"9", "z"}, 4).empty());
}
