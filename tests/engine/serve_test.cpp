// The long-running worker, and what makes any worker wait.

#include "sluice/core/error.h"
#include "sluice/run/serve.h"
#include "sluice/state/ledger.h"
#include "sluice/state/ranges.h"
#include "sluice/throttle/rules.h"
#include "support/backfill.h"
#include "support/project.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

using namespace sluice;
using namespace std::chrono_literals;
using test::Project;

namespace {

/// Waits, by asking, for at most twenty seconds.
bool comes_true(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

/// The worker, in a thread, until it goes out of scope.
class Serving {
public:
    explicit Serving(const test::TestDatabase& database)
        : connect_(database.connect()), thread_([this](const std::stop_token& stop) {
            serve(connect_, clock_, listener_, stop, {.actor = current_actor()});
        })
    {
    }

private:
    Connect connect_;
    SystemClock clock_;
    test::Recorder listener_;
    std::jthread thread_;
};

RunRecord run_of(const test::TestDatabase& database, std::int64_t run)
{
    Session session = database.open();
    return Runs(session).find(run).value();
}

void set_rules(const test::TestDatabase& database, std::int64_t run, const Rules& rules)
{
    Session session = database.open();
    Runs(session).set_throttle(run, to_json(rules));
}

/// Begun by a pipeline that was stopped after a few batches.
std::int64_t begin(Project& project)
{
    project.add("1_rename", std::string(test::rename_full_name));
    int batches = 0;
    project.before_statement = [&](std::string_view sql) {
        batches += sql.find("sluice_bound") != std::string_view::npos ? 1 : 0;
        if (batches == 3) {
            project.stop.request_stop();
        }
    };
    CHECK(project.runner().migrate(project.migration()) == RunEnd::interrupted);
    project.before_statement = {};
    project.stop = std::stop_source{};
    Session session = project.database.open();
    return Runs(session).all().at(0).id;
}

} // namespace

TEST_CASE("a worker takes up what a pipeline left, without any file, and the pipeline finishes it")
{
    Project project(300);
    const std::int64_t run = begin(project);
    {
        const Serving serving(project.database);
        CHECK(comes_true([&] { return run_of(project.database, run).state == RunState::done; }));
    }
    CHECK(project.state() == State::migrating);
    CHECK(project.runner().migrate(project.migration()) == RunEnd::done);
    CHECK(project.state() == State::migrated);
}

TEST_CASE("a worker leaves a run alone that people want to wait, and takes it up when they do not")
{
    Project project(300);
    const std::int64_t run = begin(project);
    {
        Session session = project.database.open();
        (void)Runs(session).ask(run, Desired::paused);
    }
    const std::int64_t before = run_of(project.database, run).rows_scanned;
    const Serving serving(project.database);
    Session session = project.database.open();
    CHECK(run_of(project.database, run).rows_scanned == before);
    (void)Runs(session).ask(run, Desired::running);
    CHECK(comes_true([&] { return run_of(project.database, run).state == RunState::done; }));
}

TEST_CASE("a run waits for its signals, says for which, and goes on when they are fine")
{
    const test::TestDatabase database;
    test::make_users(database, 300);
    const std::int64_t run = test::make_run(database, 10);
    const TemporaryDirectory directory;
    const std::string flag = directory.write("hold", "");
    set_rules(database, run, {.flag_files = {flag}});
    SystemClock clock;
    test::Recorder listener;
    BackfillEnd end = BackfillEnd::cancelled;
    {
        const std::jthread worker([&](const std::stop_token& stop) {
            end = run_backfill(database.connect(), clock, listener, stop, run,
                               test::increment_work(), {.actor = current_actor()});
        });
        CHECK(comes_true([&] {
            const RunRecord now = run_of(database, run);
            return now.state == RunState::waiting &&
                   now.wait_reason.find(flag) != std::string::npos &&
                   now.signals.find(flag) != std::string::npos;
        }));
        CHECK(database.value("SELECT count(*) FROM users WHERE n <> 0") == "0");
        std::filesystem::remove(flag);
        CHECK(comes_true([&] { return run_of(database, run).state == RunState::done; }));
    }
    CHECK(end == BackfillEnd::done);
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 1") == "0");
}

TEST_CASE("a critical signal pauses the run until a person resumes it, and the ledger says why")
{
    const test::TestDatabase database;
    test::make_users(database, 300);
    database.run("CREATE TABLE load_now (n integer); INSERT INTO load_now VALUES (9)");
    const std::int64_t run = test::make_run(database, 10);
    set_rules(database, run,
              {.queries = {{.name = "load", .sql = "SELECT n FROM load_now", .limits = {3, 6}}}});
    SystemClock clock;
    test::Recorder listener;
    const Connect connect = database.connect();
    std::jthread worker([&](const std::stop_token& stop) {
        CHECK(run_backfill(connect, clock, listener, stop, run, test::increment_work(),
                           {.actor = current_actor()}) == BackfillEnd::done);
    });
    const auto is_critical = [&] {
        const std::string signals = run_of(database, run).signals;
        return signals.find("\"critical\": true") != std::string::npos ||
               signals.find("\"critical\":true") != std::string::npos;
    };
    CHECK(comes_true([&] { return run_of(database, run).desired == Desired::paused; }));
    CHECK(comes_true(is_critical)); // the pause may come before the note of what led to it
    database.run("UPDATE load_now SET n = 0");
    CHECK(comes_true([&] { return !is_critical(); }));
    Session session = database.open();
    const std::vector<LedgerEntry> entries = read_ledger(session, 10);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].verb == "pause");
    CHECK(entries[0].reason.find("load") != std::string::npos);
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 0") == "0");
    (void)Runs(session).ask(run, Desired::running);
    worker.join();
    CHECK(database.value("SELECT count(*) FROM users WHERE n <> 1") == "0");
}
