#include "support/faults.h"

#include "sluice/core/error.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"
#include "support/backfill.h"
#include "support/program.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <variant>

namespace sluice::test {

namespace {

long long number_from_environment(const char* name, long long otherwise)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::atoll(text) : otherwise;
}

} // namespace

Draw::Draw(const char* variable, long long few)
    : wanted_(number_from_environment(variable, few))
    , seed_(static_cast<std::uint64_t>(number_from_environment(
          "SLUICE_TEST_SEED", static_cast<long long>(std::random_device{}()))))
    , random_(seed_)
    , began_(std::chrono::steady_clock::now())
{
}

int Draw::below(int end)
{
    return std::uniform_int_distribution<int>(0, end - 1)(random_);
}

std::chrono::milliseconds Draw::between(int from_ms, int to_ms)
{
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(from_ms, to_ms)(random_));
}

std::string Draw::told() const
{
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    return fmt::format("seed {}, {:.1f} s", seed_, took.count());
}

void wait_until(const std::string& what, const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("waited in vain: " + what);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void let_server_look_again(Session& session)
{
    if (engine() == Engine::mysql) {
        (void)session.query("SELECT sleep(0.2)");
    }
}

void make_counters(const Connect& connect, int rows)
{
    Session session = connect({});
    ensure_state(session);
    session.execute("CREATE TABLE counters (id bigint NOT NULL PRIMARY KEY, n integer NOT NULL, "
                    "m integer NOT NULL)");
    std::string values;
    for (int n = 1; n <= rows; ++n) {
        values += fmt::format("{}({}, 0, 0)", values.empty() ? "" : ", ", 7 * n);
        if (n % 2000 == 0 || n == rows) {
            session.execute("INSERT INTO counters VALUES " + values);
            values.clear();
        }
    }
}

BackfillWork counting_work()
{
    return {.kind = BackfillKind::set,
            .table = {"", "counters"},
            .key = {key_column()},
            .set = {{"n", "n + 1"}},
            .once = true};
}

std::int64_t make_counting_run(const Connect& connect, std::int64_t batch_rows, int workers)
{
    Session session = connect({});
    return Runs(session).create({.version = "20261121093000",
                                 .ordinal = static_cast<int>(Runs(session).all().size()) + 1,
                                 .table = {"", "counters"},
                                 .key = {"id"},
                                 .pace = {.batch_rows = batch_rows,
                                          .batch_max = batch_rows,
                                          .sleep = std::chrono::milliseconds{0},
                                          .duty = 1,
                                          .workers = workers}});
}

void check_counted_once(const Connect& connect, int rows, const std::string& column)
{
    Session session = connect({});
    const Rows counts = session.query(
        fmt::format("SELECT {0}, count(*) FROM counters GROUP BY {0} ORDER BY 1 LIMIT 5", column));
    std::string found;
    for (const Row& row : counts.rows) {
        found += fmt::format("{}{} x {}", found.empty() ? "" : ", ", *row[1], *row[0]);
    }
    CHECK(found == fmt::format("{} x 1", rows));
    for (const RunRecord& run : Runs(session).all()) {
        CHECK(run.state == RunState::done);
        CHECK(run.rows_scanned == rows);
        CHECK(run.rows_changed == rows);
        for (const RangeRecord& range : Ranges(session).all(run.id)) {
            CHECK(range.state == RangeState::done);
            CHECK(range.cursor == range.upper);
        }
    }
}

bool set_lease_ends(const Connect& connect, std::string_view time)
{
    try {
        Session session = connect({.lock_timeout = std::chrono::milliseconds(20), .batch = true});
        Sql sql = session.dialect().sql();
        sql << "UPDATE " << session.dialect().state_table("range") << " SET lease_expires = ";
        sql.bind(time) << " WHERE lease_token <> ''";
        session.execute(sql.take());
        return true;
    } catch (const Error& error) {
        REQUIRE(error.details.cause == Cause::lock_timeout);
        return false;
    }
}

long long FaultRounds::play(const Draw& draw) const
{
    const std::uint64_t seed = draw.seed();
    CAPTURE(seed);
    long long faults = 0;
    while (faults < draw.wanted()) {
        const TestDatabase database;
        make_counters(database.connect(), rows);
        const std::int64_t run = make_counting_run(database.connect(), batch_rows);
        faults += round(database, run, draw.wanted() - faults);
        check_counted_once(database.connect(), rows);
    }
    return faults;
}

Connect connect_to(const std::string& url_text)
{
    return [url = parse_url(url_text)](SessionOptions options) {
        return Session(url, std::move(options));
    };
}

void BackgroundWorker::Counts::on(const Event& event)
{
    retries += std::holds_alternative<Retrying>(event) ? 1 : 0;
    batches += std::holds_alternative<BatchDone>(event) ? 1 : 0;
}

BackgroundWorker::BackgroundWorker(const std::string& url_text, std::int64_t run)
    : connect_(connect_to(url_text))
{
    end_ = std::async(std::launch::async, [this, run] {
        return run_backfill(connect_, clock_, listener_, stop_.get_token(), run, work_,
                            {.actor = current_actor()});
    });
}

BackgroundWorker::~BackgroundWorker()
{
    stop_.request_stop();
    if (end_.valid()) {
        end_.wait();
    }
}

bool BackgroundWorker::has_ended() const
{
    return !end_.valid() || end_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

BackfillEnd BackgroundWorker::end()
{
    return end_.get();
}

pid_t start_worker(const std::string& url_text, std::int64_t run, const std::string& column)
{
    return start_executable(SLUICE_FAULT_WORKER, {url_text, std::to_string(run), column});
}

long long batches_done(const Connect& connect, std::int64_t run)
{
    Session session = connect({});
    return Runs(session).find(run).value().batches;
}

} // namespace sluice::test
