// A worker that finds a run which nobody has begun, and is overtaken before it begins it: by
// another that works on it to its end.

#include "support/backfill.h"
#include "support/faults.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace sluice;

TEST_CASE("a worker that is overtaken while it begins a run does not begin it again")
{
    for (int overtaken_at = 1; overtaken_at <= 4; ++overtaken_at) {
        CAPTURE(overtaken_at);
        const test::TestDatabase database;
        test::make_counters(database.connect(), 50);
        const std::int64_t run = test::make_counting_run(database.connect(), 20);
        test::Backfill overtaken{.database = database};
        test::Backfill other{.database = database};
        int looks = 0;
        overtaken.changes.before_statement = [&](std::string_view, std::string_view sql) {
            const bool is_look = sql.find("bad_rows_allowed") != std::string_view::npos;
            if (is_look && ++looks == overtaken_at) {
                CHECK(other.run(run, test::counting_work()) == BackfillEnd::done);
            }
        };
        CHECK(overtaken.run(run, test::counting_work()) == BackfillEnd::done);
        CHECK(looks >= overtaken_at);
        test::check_counted_once(database.connect(), 50);
    }
}
