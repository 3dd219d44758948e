// kill -9 of the real program at random moments, during a backfill of a change that is not
// idempotent. SLUICE_TEST_KILLS says how often (10 unless said), SLUICE_TEST_SEED repeats a run.

#include "sluice/state/runs.h"
#include "support/database.h"
#include "support/program.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

using namespace sluice;

namespace {

constexpr int table_rows = 20'000;

long long number_from_environment(const char* name, long long otherwise)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::atoll(text) : otherwise;
}

void make_counters(const test::TestDatabase& database)
{
    Session session = database.open();
    session.execute("CREATE TABLE counters (id bigint NOT NULL PRIMARY KEY, n integer NOT NULL)");
    std::string values;
    for (int n = 1; n <= table_rows; ++n) {
        values += fmt::format("{}({}, 0)", values.empty() ? "" : ", ", 7 * n);
        if (n % 2000 == 0) {
            session.execute("INSERT INTO counters VALUES " + values);
            values.clear();
        }
    }
}

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
int kill_until_done(const test::TestDatabase& database, std::mt19937_64& random)
{
    const TemporaryDirectory directory;
    (void)directory.write("20261121093000_count.toml", migration);
    int latest = 250;
    std::string progress = "0";
    for (int kills = 0;; ++kills) {
        const pid_t child =
            test::start_program({"apply", "--url", database.url_text(), "--migrations",
                                 directory.path().string(), "--quiet"});
        const int moment = std::uniform_int_distribution<int>(5, latest)(random);
        std::this_thread::sleep_for(std::chrono::milliseconds(moment));
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

} // namespace

TEST_CASE("a program that is killed again and again changes every row exactly once")
{
    const long long wanted = number_from_environment("SLUICE_TEST_KILLS", 10);
    const auto seed = static_cast<std::uint64_t>(number_from_environment(
        "SLUICE_TEST_SEED", static_cast<long long>(std::random_device{}())));
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    long long kills = 0;
    for (int round = 1; kills < wanted; ++round) {
        const test::TestDatabase database;
        make_counters(database);
        kills += kill_until_done(database, random);
        CHECK(database.value("SELECT count(*) FROM counters WHERE n = 1") ==
              std::to_string(table_rows));
        Session session = database.open();
        const std::vector<RunRecord> runs = Runs(session).all();
        REQUIRE(runs.size() == 1);
        CHECK(runs[0].state == RunState::done);
        CHECK(runs[0].rows_scanned == table_rows);
        CHECK(runs[0].rows_changed == table_rows);
    }
    MESSAGE(kills, " kills");
}
