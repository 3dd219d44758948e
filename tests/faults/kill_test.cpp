// kill -9 at random moments, during a backfill of a change that is not idempotent: of the real
// program, and of one of four workers that share a run. SLUICE_TEST_KILLS says how often (10 unless
// said), SLUICE_TEST_SEED repeats a run.

#include "sluice/state/runs.h"
#include "support/faults.h"
#include "support/program.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>

using namespace sluice;

namespace {

constexpr int table_rows = 20'000;

constexpr const char* migration = R"(summary = "every counter is one higher"

[[backfill]]
table = "counters"
set   = { n = "n + 1" }
once  = true

[pace]
batch_rows = 50
sleep      = "0ms"
duty       = 1.0
)";

/// Starts and kills the program until it ends by itself; returns how often it was killed.
int kill_until_done(const test::TestDatabase& database, test::Draw& draw)
{
    const TemporaryDirectory directory;
    (void)directory.write("20261121093000_count.toml", migration);
    int latest = 250;
    std::string progress = "0";
    for (int kills = 0;; ++kills) {
        const pid_t child =
            test::start_program({"apply", "--url", database.url_text(), "--migrations",
                                 directory.path().string(), "--quiet"});
        std::this_thread::sleep_for(draw.between(5, latest));
        kill(child, SIGKILL);
        const int code = test::await_program(child).exit_code;
        if (code != 128 + SIGKILL) {
            REQUIRE(code == 0);
            return kills;
        }
        // A machine so busy that the program never comes to work is given more time.
        const std::string now = database.value("SELECT sum(n) FROM counters");
        latest = now == progress ? latest + latest / 8 : 250;
        progress = now;
    }
}

/// Four processes on one run, killed one by one and each followed by another, until the run is done
/// or there were enough; returns how often.
class FourWorkers {
public:
    FourWorkers(const test::TestDatabase& database, std::int64_t run)
        : database_(database), run_(run)
    {
        for (pid_t& process : processes_) {
            process = test::start_worker(database.url_text(), run);
        }
    }

    long long kill_some(test::Draw& draw, long long most)
    {
        long long before = 0;
        for (long long kills = 0; kills < most; ++kills) {
            // Killed too soon, too often, nobody would ever come to work.
            test::wait_until("the run to move", [&] { return batches() > before || is_done(); });
            std::this_thread::sleep_for(draw.between(0, 30));
            before = batches();
            pid_t& process = processes_.at(static_cast<std::size_t>(draw.below(4)));
            kill(process, SIGKILL);
            if (is_done()) {
                (void)test::await_program(process);
                process = test::start_worker(database_.url_text(), run_);
                return kills;
            }
            REQUIRE(test::await_program(process).exit_code == 128 + SIGKILL);
            process = test::start_worker(database_.url_text(), run_);
        }
        return most;
    }

    void await()
    {
        for (const pid_t process : processes_) {
            CHECK(test::await_program(process).exit_code == 0);
        }
    }

private:
    long long batches() { return test::batches_done(database_.connect(), run_); }

    bool is_done()
    {
        Session session = database_.open();
        return Runs(session).find(run_).value().state == RunState::done;
    }

    const test::TestDatabase& database_;
    std::int64_t run_;
    std::array<pid_t, 4> processes_{};
};

} // namespace

TEST_CASE("a program that is killed again and again changes every row exactly once")
{
    test::Draw draw("SLUICE_TEST_KILLS", 10);
    const std::uint64_t seed = draw.seed();
    CAPTURE(seed);
    long long kills = 0;
    while (kills < draw.wanted()) {
        const test::TestDatabase database;
        test::make_counters(database.connect(), table_rows);
        kills += kill_until_done(database, draw);
        test::check_counted_once(database.connect(), table_rows);
    }
    MESSAGE(kills, " kills, ", draw.told());
}

TEST_CASE("one of four workers is killed again and again, and every row is changed exactly once")
{
    test::Draw draw("SLUICE_TEST_KILLS", 10);
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = 20,
        .round = [&draw](const auto& database, std::int64_t run, long long most) {
            FourWorkers workers(database, run);
            const long long kills = workers.kill_some(draw, most);
            workers.await();
            return kills;
        }};
    const long long kills = rounds.play(draw);
    MESSAGE(kills, " kills of one of four workers, ", draw.told());
}
