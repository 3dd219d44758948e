// MariaDB in a Galera cluster of two. Each transaction is certified against those of all members
// when it commits, and a member that cannot follow makes every other one wait.

#include "sluice/backfill/backfill.h"
#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "sluice/throttle/rules.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/private_server.h"
#include "support/throttle.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>

using namespace sluice;

namespace {

constexpr int many_rows = 600;

bool holds_text(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

struct Cluster {
    test::PrivateServer first{test::MemberOf{}};
    test::PrivateServer second{test::MemberOf{&first}};
};

/// "counters" in a database of its own, as each of the members has them.
struct Counters {
    explicit Counters(Cluster& cluster) : Counters(cluster, cluster.first.make_database()) {}

    Counters(const Cluster& cluster, const std::string& url)
        : here(test::connect_to(url)), there(test::connect_to(cluster.second.url_of_copy(url)))
    {
        test::make_counters(here, many_rows);
        test::wait_until("the other member has them", [this] {
            return value(there, "SELECT count(*) FROM information_schema.tables WHERE table_schema "
                                "= database() AND table_name = 'counters'") == "1" &&
                   value(there, "SELECT count(*) FROM counters") == std::to_string(many_rows);
        });
    }

    [[nodiscard]] static std::string value(const Connect& connect, const std::string& query)
    {
        return connect({}).query(query)[0][0].value_or("NULL");
    }

    Connect here;
    Connect there;
};

/// On a thread of its own. A clock that hurries lets its signals be read ten times a second.
class Worker {
public:
    using BeforeStatement = std::function<void(std::string_view purpose, std::string_view sql)>;

    Worker(const Connect& connect, std::int64_t run, BeforeStatement before)
        : connect_([connect, before = std::move(before)](SessionOptions options) {
            options.before_statement = before;
            return connect(std::move(options));
        })
        , end_(std::async(std::launch::async, [this, run] {
            return run_backfill(connect_, clock_, listener, stop_.get_token(), run,
                                test::counting_work(), {.actor = current_actor()});
        }))
    {
    }

    ~Worker() { stop_.request_stop(); } // its end is waited for

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    BackfillEnd end()
    {
        REQUIRE(end_.wait_for(std::chrono::minutes{1}) == std::future_status::ready);
        return end_.get();
    }

    test::Recorder listener;

private:
    test::HurriedClock clock_;
    std::stop_source stop_;
    Connect connect_;
    std::future<BackfillEnd> end_;
};

/// Counts m up in one row, again and again, until it goes.
class Application {
public:
    explicit Application(const Connect& connect)
        : thread_([this, session = connect({})](const std::stop_token& stop) mutable {
            session.execute("SET innodb_lock_wait_timeout = 600");
            while (!stop.stop_requested()) {
                session.execute("UPDATE counters SET m = m + 1 WHERE id = 7");
                ++writes_;
            }
        })
    {
    }

    /// Returns how often it did.
    long long stop()
    {
        thread_.request_stop();
        thread_.join();
        return writes_;
    }

private:
    std::atomic<long long> writes_{0};
    std::jthread thread_;
};

RunRecord record_of(const Counters& counters, std::int64_t run)
{
    Session session = counters.here({});
    return Runs(session).find(run).value();
}

/// The other member has a table locked that its replication wants to write to, until this one has
/// been made to wait for a while.
void stop_the_other_for_a_while(const Counters& counters, Session& here)
{
    const double before = test::signal_value(here, "flow_control");
    Session there = counters.there({});
    there.execute("LOCK TABLES counters READ");
    test::wait_until("this member is made to wait", [&] {
        constexpr double nanoseconds = 1e8;
        return test::signal_value(here, "flow_control") > before + nanoseconds;
    });
    there.execute("UNLOCK TABLES");
}

/// Batches wait for the signal, so that the work does not end before it was read. By the hurried
/// clock a server that waits all the time waits for a tenth of it.
void check_flow_control(Cluster& cluster)
{
    const Counters counters(cluster);
    const std::int64_t run = test::make_counting_run(counters.here, 10);
    const Rules rules = with_rule({}, "flow_control", "0.02");
    Session here = counters.here({});
    Runs(here).set_throttle(run, to_json(rules));
    counters.there({}).execute("SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=1'");
    test::HurriedClock clock;
    const Monitor monitor(counters.here, clock, rules, {});
    Application application(counters.here);
    std::atomic<bool> has_waited{false};
    Worker worker(counters.here, run, [&](std::string_view purpose, std::string_view sql) {
        if (test::begins_batch(purpose, sql)) {
            test::wait_until("the signal holds",
                             [&] { return has_waited || monitor.decision().holds; });
        }
    });
    test::wait_until("the run is held, with reading and limit", [&] {
        stop_the_other_for_a_while(counters, here);
        const RunRecord record = record_of(counters, run);
        has_waited = has_waited || record.wait_reason == "throttled by flow_control";
        return has_waited && holds_text(record.signals, " over 0.02\"");
    });
    CHECK(worker.end() == BackfillEnd::done);
    const long long writes = application.stop();
    test::check_counted_once(counters.here, many_rows);
    CHECK(Counters::value(counters.here, "SELECT max(m) FROM counters") == std::to_string(writes));
    counters.there({}).execute("SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=16'");
}

/// The application on the other member commits first what a batch is about to commit. Every second
/// time the batch learns of it before its COMMIT, the other times perhaps by it.
void check_certification(Cluster& cluster)
{
    constexpr int wanted = 6;
    const Counters counters(cluster);
    const std::int64_t run = test::make_counting_run(counters.here, 100);
    Session here = counters.here({});
    Session there = counters.there({});
    there.execute("SET wsrep_sync_wait = 2"); // no UPDATE before it has what was committed here
    int commits = 0;
    int writes = 0;
    Worker worker(counters.here, run, [&](std::string_view purpose, std::string_view sql) {
        if (holds_text(std::string(purpose), "control") || sql != "COMMIT" || writes == wanted ||
            ++commits % 3 == 0) {
            return;
        }
        there.execute("UPDATE counters SET m = m + 1");
        ++writes;
        test::wait_until("it has come here", [&] {
            return writes % 2 == 0 ||
                   here.query("SELECT max(m) FROM counters")[0][0] == std::to_string(writes);
        });
    });
    CHECK(worker.end() == BackfillEnd::done);
    int lost = 0;
    for (const Retrying& retry : worker.listener.all<Retrying>()) {
        lost += holds_text(retry.error, "deadlock found") ? 1 : 0;
    }
    CHECK(lost == wanted);
    test::check_counted_once(counters.here, many_rows);
    for (const Connect& member : {counters.here, counters.there}) {
        test::wait_until("every write has come", [&] {
            return Counters::value(
                       member, fmt::format("SELECT count(*) FROM counters WHERE n = 1 AND m = {}",
                                           wanted)) == std::to_string(many_rows);
        });
    }
}

/// Of the two names of a column the other member comes to have this one alone.
void await_column(const Counters& counters, const std::string& name)
{
    test::wait_until("the other member has column " + name, [&] {
        return Counters::value(counters.there,
                               "SELECT group_concat(column_name) FROM information_schema.columns "
                               "WHERE table_schema = database() AND table_name = 'counters' AND "
                               "column_name IN ('m', 'hits')") == name;
    });
}

/// With writes through the other member the lock that contract takes would stop both for ever: that
/// cannot be tried here.
void check_contract(Cluster& cluster)
{
    const Counters counters(cluster);
    const std::vector<Migration> migrations = {parse_migration(R"(
summary = "counters.m becomes hits"
[[change]]
kind  = "rename_column"
table = "counters"
from  = "m"
to    = "hits"
)",
                                                               "20260101000000_counters.toml")};
    SystemClock clock;
    test::Recorder listener;
    const auto runner = [&](const RunnerOptions& options) {
        return Runner(counters.here, clock, listener, {}, migrations, options);
    };
    CHECK(runner({}).migrate(migrations[0]) == RunEnd::done);
    std::string refusal;
    try {
        runner({}).contract(migrations[0]);
    } catch (const Error& error) {
        refusal = error.message;
    }
    CHECK(holds_text(refusal, "one of 2 members of a Galera cluster"));
    CHECK(
        Counters::value(counters.here, "SELECT count(*) FROM counters WHERE m = 0 AND hits = 0") ==
        std::to_string(many_rows));
    CHECK(runner({.single_writer = true}).contract(migrations[0]) == RunEnd::done);
    await_column(counters, "hits");
    CHECK(runner({.single_writer = true}).rollback(migrations[0]) == RunEnd::done);
    CHECK(runner({.single_writer = true}).rollback(migrations[0]) == RunEnd::done);
    await_column(counters, "m");
}

} // namespace

TEST_CASE("a member of a Galera cluster is given time for the others, and loses no row to them")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    if (const std::string why = test::PrivateServer::why_no_cluster(); !why.empty()) {
        MESSAGE("skipped: " << why);
        return;
    }
    Cluster cluster;
    check_flow_control(cluster);
    check_certification(cluster);
    check_contract(cluster);
}
