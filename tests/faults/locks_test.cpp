// Sessions that stand in the way of the batches: they hold rows, they hold the table, they lock in
// the opposite order. SLUICE_TEST_LOCKS says how many locks are held (4 unless said),
// SLUICE_TEST_COLLISIONS how many collisions are waited for (2 unless said), SLUICE_TEST_SEED
// repeats a run.

#include "sluice/core/error.h"
#include "support/faults.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <stop_token>
#include <string>
#include <thread>

using namespace sluice;

namespace {

constexpr int table_rows = 2'000;
constexpr int batch_rows = 50;

/// A session as an application has it: it waits for locks for as long as it takes.
Session application(const test::TestDatabase& database)
{
    Session session = database.open();
    session.execute(test::by_engine("SET lock_timeout = 0",
                                    "SET SESSION innodb_lock_wait_timeout = 50, SESSION "
                                    "lock_wait_timeout = 50",
                                    "PRAGMA busy_timeout = 60000"));
    return session;
}

/// Every tenth row, so that no batch gets by.
void hold_rows(Session& session, std::chrono::milliseconds time)
{
    session.begin();
    session.execute("UPDATE counters SET m = m + 1 WHERE id % 10 = 0");
    std::this_thread::sleep_for(time);
    session.commit();
}

void hold_table(Session& session, std::chrono::milliseconds time)
{
    session.execute(test::by_engine("BEGIN", "LOCK TABLES counters WRITE", "BEGIN EXCLUSIVE"));
    if (test::engine() == Engine::postgresql) {
        session.execute("LOCK TABLE counters");
    }
    std::this_thread::sleep_for(time);
    session.execute(test::by_engine("COMMIT", "UNLOCK TABLES", "COMMIT"));
}

/// Takes locks until the run is done or there were enough; returns how many.
long long stand_in_the_way(const test::TestDatabase& database, const test::BackgroundWorker& worker,
                           test::Draw& draw, long long most)
{
    Session session = application(database);
    for (long long held = 0; held < most; ++held) {
        const long long batches = worker.batches();
        test::wait_until("a batch to pass",
                         [&] { return worker.has_ended() || worker.batches() > batches; });
        if (worker.has_ended()) {
            return held;
        }
        const auto hold = draw.below(2) == 0 ? hold_rows : hold_table;
        hold(session, draw.between(100, 900));
    }
    return most;
}

/// Updates rows from the last to the first of a stretch, again and again, in one transaction each;
/// the batches go from the first to the last.
class BackwardsApplication {
public:
    BackwardsApplication(const test::TestDatabase& database, std::uint64_t seed)
        : session_(application(database)), random_(seed)
    {
    }

    void work(const std::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            try {
                update_stretch();
                updates += 12;
            } catch (const Error&) {
                session_.rollback();
                ++refusals;
            }
        }
    }

    long long updates = 0;
    long long refusals = 0;

private:
    void update_stretch()
    {
        const int first = std::uniform_int_distribution<int>(1, table_rows - 100)(random_);
        session_.begin();
        for (int row = first + 99; row >= first; row -= 9) {
            session_.execute(fmt::format("UPDATE counters SET m = m + 1 WHERE id = {}", 7 * row));
        }
        session_.commit();
    }

    Session session_;
    std::mt19937_64 random_;
};

} // namespace

TEST_CASE("sessions that hold rows and the table delay a backfill and do not harm it")
{
    test::Draw draw("SLUICE_TEST_LOCKS", 4);
    long long retries = 0;
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = batch_rows,
        .round = [&](const auto& database, std::int64_t run, long long most) {
            test::BackgroundWorker worker(database.url_text(), run);
            const long long locks = stand_in_the_way(database, worker, draw, most);
            CHECK(worker.end() == BackfillEnd::done);
            retries += worker.retries();
            return locks;
        }};
    const long long locks = rounds.play(draw);
    MESSAGE(locks, " locks held, ", retries, " retries, ", draw.told());
}

TEST_CASE("an application that locks in the opposite order is never the victim of a deadlock")
{
    if (test::engine() == Engine::sqlite) {
        return; // whoever writes has the whole database
    }
    const test::Draw draw("SLUICE_TEST_COLLISIONS", 2);
    const test::FaultRounds rounds{
        .rows = table_rows,
        .batch_rows = batch_rows,
        .round = [&draw](const auto& database, std::int64_t run, long long /*most*/) {
            BackwardsApplication application(database, draw.seed());
            test::BackgroundWorker worker(database.url_text(), run);
            {
                const std::jthread thread(
                    [&application](const std::stop_token& stop) { application.work(stop); });
                CHECK(worker.end() == BackfillEnd::done);
            }
            CHECK(database.value("SELECT sum(m) FROM counters") ==
                  std::to_string(application.updates));
            CHECK(application.refusals == 0);
            return worker.retries();
        }};
    const long long retries = rounds.play(draw);
    MESSAGE(retries, " collisions in which the backfill gave way, ", draw.told());
}
