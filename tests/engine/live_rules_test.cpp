// Throttle rules that people change while a run works.

#include "sluice/core/clock.h"
#include "sluice/state/runs.h"
#include "sluice/throttle/rules.h"
#include "support/backfill.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <variant>

using namespace sluice;

namespace {

/// Each look at it is a second later, so that what is done once a second is done at every batch.
class LeapingClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override
    {
        return clock_.steady_now() + std::chrono::seconds(++looks_);
    }

    [[nodiscard]] WallTime wall_now() override { return clock_.wall_now(); }

    void sleep(Microseconds duration, const std::stop_token& stop) override
    {
        clock_.sleep(duration, stop);
    }

private:
    SystemClock clock_;
    std::atomic<int> looks_{0};
};

void set_rules(const test::TestDatabase& database, std::int64_t run, const Rules& rules)
{
    Session session = database.open();
    Runs(session).set_throttle(run, to_json(rules));
}

} // namespace

TEST_CASE("a worker that never rests obeys rules that are set and taken away while it works")
{
    const test::TestDatabase database;
    test::make_users(database, 200);
    const std::int64_t run = test::make_run(database, 10);
    const TemporaryDirectory folder;
    const Rules rules = with_rule({}, "flag_files", folder.write("hold", ""));
    std::string held_by;
    int batches = 0;
    int batches_before = 0;
    test::Recorder listener;
    listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event) && ++batches == 3) {
            set_rules(database, run, rules);
        }
        if (const auto* waiting = std::get_if<Waiting>(&event);
            waiting != nullptr && waiting->reason.find("flag") != std::string::npos) {
            held_by = waiting->reason;
            batches_before = batches;
            set_rules(database, run, {});
        }
    };
    LeapingClock clock;
    CHECK(run_backfill(database.connect(), clock, listener, {}, run, test::increment_work(),
                       {.actor = current_actor()}) == BackfillEnd::done);
    CHECK(held_by.find("throttled by ") == 0);
    CHECK(batches_before == 3);
    CHECK(database.value("SELECT count(*) FROM users WHERE n = 1") == "200");
}
