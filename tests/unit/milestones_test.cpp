#include "sluice/backfill/backfill.h"
#include "sluice/backfill/milestones.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

using Keys = std::vector<std::string>;

RangeRecord range(int ordinal, const std::string& lower, const std::string& upper,
                  const std::string& cursor)
{
    return {.ordinal = ordinal, .lower = lower, .upper = upper, .cursor = cursor};
}

} // namespace

TEST_CASE("what was passed from end to end is remembered a chunk apart, in the order of the ranges")
{
    Milestones milestones;
    milestones.begin(range(1, "", "m", ""));
    milestones.begin(range(2, "m", "z", "m"));
    milestones.passed(2, check_chunk_rows, "q");
    milestones.passed(1, check_chunk_rows / 2, "b");
    milestones.passed(1, check_chunk_rows / 2, "d");
    milestones.passed(1, 1, "m");
    milestones.passed(2, 1, "z");
    CHECK(milestones.over({range(1, "", "m", "m"), range(2, "m", "z", "z")}) ==
          Keys{"d", "q", "z"});
}

TEST_CASE("ranges that are smaller than a chunk make one together, and the last ends one")
{
    Milestones milestones;
    const std::vector<RangeRecord> ranges = {range(1, "", "d", ""), range(2, "d", "h", "d"),
                                             range(3, "h", "m", "h"), range(4, "m", "t", "m"),
                                             range(5, "t", "z", "t")};
    for (const RangeRecord& one : ranges) {
        milestones.begin(one);
        milestones.passed(one.ordinal, check_chunk_rows / 2, one.upper);
    }
    CHECK(milestones.over(ranges) == Keys{"h", "t", "z"});
}

TEST_CASE("a table smaller than a chunk is one, and an empty one has none")
{
    Milestones milestones;
    milestones.begin(range(1, "", "z", ""));
    milestones.passed(1, 500, "z");
    CHECK(milestones.over({range(1, "", "z", "z")}) == Keys{"z"});
    milestones.clear();
    milestones.begin(range(1, "", "", ""));
    CHECK(milestones.over({range(1, "", "", "")}).empty());
}

TEST_CASE("after a cursor was moved by hand nothing is said about the range")
{
    Milestones milestones;
    milestones.begin(range(1, "", "z", ""));
    milestones.passed(1, check_chunk_rows, "d");
    milestones.passed(1, check_chunk_rows, "p");
    SUBCASE("back, and this process goes on from there")
    {
        milestones.begin(range(1, "", "z", "c"));
        milestones.passed(1, check_chunk_rows, "z");
    }
    SUBCASE("forward, and this process goes on from there")
    {
        milestones.begin(range(1, "", "z", "t"));
        milestones.passed(1, check_chunk_rows, "z");
    }
    SUBCASE("and another process came to its end") {}
    CHECK(milestones.over({range(1, "", "z", "z")}).empty());
}

TEST_CASE("what was passed before another process cut the range is out of order, and not told")
{
    Milestones milestones;
    milestones.begin(range(1, "", "z", ""));
    milestones.passed(1, check_chunk_rows, "p");
    // The cursor went back to "c"; another process cut at "h" and came to the end of the first
    // half.
    milestones.begin(range(2, "h", "z", "h"));
    milestones.passed(2, check_chunk_rows, "z");
    CHECK(milestones.over({range(1, "", "h", "h"), range(2, "h", "z", "z")}).empty());
}

TEST_CASE("a range that is taken up again where it was left is one")
{
    Milestones milestones;
    milestones.begin(range(1, "", "z", ""));
    milestones.passed(1, check_chunk_rows, "d");
    milestones.begin(range(1, "", "z", "d"));
    milestones.passed(1, check_chunk_rows, "k");
    milestones.passed(1, 0, "z");
    CHECK(milestones.over({range(1, "", "z", "z")}) == Keys{"d", "k", "z"});
}
