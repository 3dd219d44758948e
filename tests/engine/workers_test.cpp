// Several workers on one run: threads of a process, and processes.

#include "sluice/backfill/backfill.h"
#include "sluice/backfill/keyset.h"
#include "sluice/core/error.h"
#include "sluice/state/ranges.h"
#include "support/backfill.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using test::engine;

namespace {

constexpr int many_rows = 4000;

/// As many as work where so many are asked for.
std::size_t working(std::size_t asked)
{
    return engine() == Engine::sqlite ? 1 : asked; // one writer, one worker
}

/// A process of its own, as far as the database can tell.
struct Process {
    const test::TestDatabase& database;
    SystemClock clock;
    test::Recorder listener;
    std::stop_source stop;
    BackfillOptions options{.actor = current_actor()};
    std::function<void(std::string_view purpose, std::string_view sql)> before_statement;

    [[nodiscard]] BackfillEnd run(std::int64_t id, const BackfillWork& work)
    {
        const Connect connect = [this](SessionOptions session) {
            session.before_statement = before_statement;
            return Session(database.url(), std::move(session));
        };
        return run_backfill(connect, clock, listener, stop.get_token(), id, work, options);
    }
};

std::int64_t make_shared_run(const test::TestDatabase& database, int workers)
{
    const std::int64_t run = test::make_run(database, 10);
    Session session = database.open();
    Pace pace = Runs(session).find(run)->pace;
    pace.workers = workers;
    Runs(session).set_pace(run, pace);
    return run;
}

/// Every row exactly once, and ranges that follow each other from the table's beginning to its end.
void check_whole(const test::TestDatabase& database, std::int64_t run, const std::string& upper)
{
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 1") == "0");
    Session session = database.open();
    const std::vector<RangeRecord> ranges = Ranges(session).all(run);
    std::string at;
    for (std::size_t n = 0; n < ranges.size(); ++n) {
        const auto next =
            std::find_if(ranges.begin(), ranges.end(),
                         [&at](const RangeRecord& range) { return range.lower == at; });
        REQUIRE(next != ranges.end());
        CHECK(next->state == RangeState::done);
        CHECK(next->cursor == next->upper);
        at = next->upper;
    }
    CHECK(at == upper);
    const RunRecord record = Runs(session).find(run).value();
    CHECK(record.state == RunState::done);
    CHECK(record.rows_scanned == many_rows);
    CHECK(record.rows_changed == many_rows);
}

const std::string last_user = encode_key({std::to_string(3 * many_rows)});

std::size_t ranges_of(const test::TestDatabase& database, std::int64_t run)
{
    Session session = database.open();
    return Ranges(session).all(run).size();
}

/// The first batch of each worker waits for the others'.
std::function<void(std::string_view, std::string_view)> meet_in_batch(test::Meeting& meeting)
{
    return [&meeting](std::string_view purpose, std::string_view sql) {
        if (test::begins_batch(purpose, sql)) {
            meeting.attend();
        }
    };
}

/// The batches that helpers begin after the first worker, on the thread that made this, knows that
/// it is to be alone. Until it knows they are held back.
class Farewell {
public:
    /// The run says that the first is to be alone.
    void begin()
    {
        const std::lock_guard lock(mutex_);
        has_begun_ = true;
    }

    void note_batch()
    {
        std::unique_lock lock(mutex_);
        if (std::this_thread::get_id() == first_) {
            own_ += has_begun_ ? 1 : 0;
            first_moved_.notify_all();
            return;
        }
        // The first reads the pace with its first batch, and heeds it before its second.
        if (!first_moved_.wait_for(lock, 60s, [this] { return own_ >= 2; })) {
            throw std::runtime_error("the first worker does not move");
        }
        ++others_[std::this_thread::get_id()];
    }

    [[nodiscard]] int most_batches_of_a_helper() const
    {
        int most = 0;
        for (const auto& [helper, batches] : others_) {
            most = std::max(most, batches);
        }
        return most;
    }

private:
    std::thread::id first_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable first_moved_;
    bool has_begun_ = false;
    int own_ = 0;
    std::map<std::thread::id, int> others_;
};

void set_workers(const test::TestDatabase& database, std::int64_t run, int workers)
{
    Session session = database.open();
    Pace pace = Runs(session).find(run)->pace;
    pace.workers = workers;
    Runs(session).set_pace(run, pace);
}

} // namespace

TEST_CASE("four workers of a process share a run, and every row is changed exactly once")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 4);
    test::Meeting meeting(working(4));
    Process process{.database = database, .before_statement = meet_in_batch(meeting)};
    CHECK(process.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
    CHECK(ranges_of(database, run) >= working(4));
}

TEST_CASE("several processes share a run, and one of them makes the final check")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 1);
    std::vector<std::jthread> threads;
    std::atomic<int> done{0};
    std::atomic<int> checkers{0};
    for (int n = 0; n < 3; ++n) {
        threads.emplace_back([&] {
            std::atomic<bool> checks{false};
            const auto note_check = [&checks](std::string_view, std::string_view sql) {
                checks = checks || (sql.starts_with("SELECT count(*) FROM") &&
                                    sql.find("username") != std::string_view::npos);
            };
            Process process{.database = database, .before_statement = note_check};
            done += process.run(run, test::username_work()) == BackfillEnd::done ? 1 : 0;
            checkers += checks ? 1 : 0;
        });
    }
    threads.clear();
    CHECK(done == 3);
    CHECK(checkers == 1);
    CHECK(database.value("SELECT count(*) FROM users WHERE username IS NULL") == "0");
}

TEST_CASE("a range with a key of several columns is shared as well")
{
    const test::TestDatabase database;
    test::make_users(database, 1);
    const std::string text = test::by_engine("text", "varchar(20)", "TEXT");
    database.run("DROP TABLE users; CREATE TABLE users (region " + text +
                 " NOT NULL, id bigint NOT NULL, n integer NOT NULL, PRIMARY KEY (region, id))");
    for (int region = 0; region < 4; ++region) {
        std::string rows;
        for (int n = 1; n <= many_rows / 4; ++n) {
            rows += fmt::format("{}('r{}', {}, 0)", n == 1 ? "" : ", ", region, n * 7);
        }
        database.run("INSERT INTO users VALUES " + rows);
    }
    const std::int64_t run = make_shared_run(database, 3);
    BackfillWork work = test::increment_work();
    Session session = database.open();
    work.key = {*read_catalog(session, {work.table}).find(work.table)->find("region"),
                *read_catalog(session, {work.table}).find(work.table)->find("id")};
    test::Meeting meeting(working(3));
    Process process{.database = database, .before_statement = meet_in_batch(meeting)};
    CHECK(process.run(run, work) == BackfillEnd::done);
    check_whole(database, run, encode_key({"r3", std::to_string(many_rows / 4 * 7)}));
    CHECK(ranges_of(database, run) >= working(3));
}

TEST_CASE("workers come and go while the run works")
{
    if (engine() == Engine::sqlite) {
        return; // one writer, one worker
    }
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 1);
    std::atomic<int> batches{0};
    test::Meeting three(3);
    Farewell farewell;
    Process process{.database = database};
    process.before_statement = [&](std::string_view purpose, std::string_view sql) {
        if (!test::begins_batch(purpose, sql)) {
            return;
        }
        const int number = ++batches;
        if (number == 20) {
            set_workers(database, run, 3);
        } else if (number == 200) {
            set_workers(database, run, 1);
            farewell.begin();
        } else if (number > 200) {
            farewell.note_batch();
        } else if (number > 20) {
            three.attend();
        }
    };
    CHECK(process.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
    CHECK(ranges_of(database, run) >= 3);
    CHECK(farewell.most_batches_of_a_helper() <= 1);
}

TEST_CASE("one worker that fails makes the others leave, and the run says why")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 3);
    std::atomic<int> batches{0};
    Process process{.database = database};
    process.before_statement = [&](std::string_view purpose, std::string_view sql) {
        if (test::begins_batch(purpose, sql) && ++batches == 50) {
            throw Error(ErrorKind::sql, "the fiftieth batch fails");
        }
    };
    CHECK_THROWS_WITH_AS((void)process.run(run, test::increment_work()), "the fiftieth batch fails",
                         Error);
    Session session = database.open();
    CHECK(Runs(session).find(run)->state == RunState::failed);
    CHECK(Runs(session).find(run)->last_error == "the fiftieth batch fails");
    for (const RangeRecord& range : Ranges(session).all(run)) {
        CHECK(range.is_free);
    }
    Process next{.database = database};
    CHECK(next.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
}

TEST_CASE("stop is obeyed by all workers within a batch, and the checkpoints are kept")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 3);
    std::atomic<int> batches{0};
    Process process{.database = database};
    process.before_statement = [&](std::string_view purpose, std::string_view) {
        if (purpose.find("control") == std::string_view::npos && ++batches == 100) {
            process.stop.request_stop();
        }
    };
    CHECK(process.run(run, test::increment_work()) == BackfillEnd::interrupted);
    Process next{.database = database};
    CHECK(next.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
}
