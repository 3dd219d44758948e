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
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using test::engine;

namespace {

constexpr int many_rows = 4000;

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

} // namespace

TEST_CASE("four workers of a process share a run, and every row is changed exactly once")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 4);
    Process process{.database = database};
    CHECK(process.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
    const std::size_t ranges = ranges_of(database, run);
    CHECK((engine() == Engine::sqlite ? ranges == 1 : ranges >= 2)); // one may do most of it
}

TEST_CASE("several processes share a run, and one of them makes the final check")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 1);
    std::atomic<int> checks{0};
    const auto count_checks = [&](std::string_view, std::string_view sql) {
        checks += sql.starts_with("SELECT count(*) FROM") &&
                          sql.find("username") != std::string_view::npos
                      ? 1
                      : 0;
    };
    std::vector<std::jthread> threads;
    std::atomic<int> done{0};
    for (int n = 0; n < 3; ++n) {
        threads.emplace_back([&] {
            Process process{.database = database, .before_statement = count_checks};
            done += process.run(run, test::username_work()) == BackfillEnd::done ? 1 : 0;
        });
    }
    threads.clear();
    CHECK(done == 3);
    CHECK(checks == 1);
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
    Process process{.database = database};
    CHECK(process.run(run, work) == BackfillEnd::done);
    check_whole(database, run, encode_key({"r3", std::to_string(many_rows / 4 * 7)}));
    CHECK((engine() == Engine::sqlite || ranges_of(database, run) >= 2));
}

TEST_CASE("workers come and go while the run works")
{
    if (engine() == Engine::sqlite) {
        return; // one writer, one worker
    }
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 1);
    std::mutex mutex;
    std::set<std::thread::id> workers;
    std::atomic<int> batches{0};
    Process process{.database = database};
    process.before_statement = [&](std::string_view purpose, std::string_view sql) {
        const bool is_batch = purpose.find("control") == std::string_view::npos &&
                              (sql.starts_with("WITH sluice_bound") || sql.starts_with("START"));
        if (!is_batch) {
            return;
        }
        const int number = ++batches;
        if (number == 20 || number == 200) {
            Session session = database.open();
            Pace pace = Runs(session).find(run)->pace;
            pace.workers = number == 20 ? 3 : 1;
            Runs(session).set_pace(run, pace);
        }
        const std::lock_guard lock(mutex);
        if (number > 20) {
            workers.insert(std::this_thread::get_id());
        }
        if (number == 260) {
            workers.clear();
        }
    };
    CHECK(process.run(run, test::increment_work()) == BackfillEnd::done);
    check_whole(database, run, last_user);
    CHECK(batches > 260);
    CHECK(workers.size() == 1);
    CHECK(ranges_of(database, run) >= 2);
}

TEST_CASE("one worker that fails makes the others leave, and the run says why")
{
    const test::TestDatabase database;
    test::make_users(database, many_rows);
    const std::int64_t run = make_shared_run(database, 3);
    std::atomic<int> batches{0};
    Process process{.database = database};
    process.before_statement = [&](std::string_view purpose, std::string_view sql) {
        const bool is_batch = purpose.find("control") == std::string_view::npos &&
                              (sql.starts_with("WITH sluice_bound") || sql.starts_with("START") ||
                               sql.starts_with("BEGIN"));
        if (is_batch && ++batches == 50) {
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
