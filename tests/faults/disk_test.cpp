// The disk is full in the middle of the batches, and then there is space again. SLUICE_TEST_DISKS
// says how often (once unless said).

#include "sluice/core/error.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/private_server.h"
#include "support/small_disk.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

using namespace sluice;

namespace {

constexpr int table_rows = 20'000;

/// Counts up, and makes every row larger: some 40 MB in all. MariaDB (10.11.19) itself loses a row
/// when an UPDATE that lengthens it finds no space, also without sluice and with a ROLLBACK; there
/// the rows are counted in a copy.
BackfillWork growing_work()
{
    BackfillWork work = test::counting_work();
    const std::string padding =
        test::by_engine("repeat('x', 2000)", "repeat('x', 2000)", "hex(zeroblob(1000))");
    work.set.emplace_back("pad", padding);
    if (test::engine() == Engine::mysql) {
        work.kind = BackfillKind::into;
        work.into = TableName{"", "counted"};
        work.into_key = {"id"};
        work.set.emplace_back("id", "id");
    }
    return work;
}

void make_tables(const Connect& connect)
{
    test::make_counters(connect, table_rows);
    Session session = connect({});
    session.execute("ALTER TABLE counters ADD COLUMN pad text");
    if (test::engine() == Engine::mysql) {
        session.execute("CREATE TABLE counted (id bigint PRIMARY KEY, n int NOT NULL, pad text)");
    }
}

void check_rows(const Connect& connect)
{
    if (test::engine() == Engine::mysql) {
        connect({}).execute("UPDATE counters JOIN counted USING (id) SET counters.n = counted.n");
    }
    test::check_counted_once(connect, table_rows);
}

/// A database on a disk of its own.
class Place {
public:
    explicit Place(const test::SmallDisk& disk)
    {
        if (test::engine() == Engine::sqlite) {
            url_ = "sqlite:" + (disk.path() / "data.db").string();
        } else {
            server_ = std::make_unique<test::PrivateServer>(disk);
            url_ = server_->make_database();
        }
    }

    [[nodiscard]] Connect connect() const { return test::connect_to(url_); }

    /// PostgreSQL gives itself up where its log finds no space.
    void come_back() const
    {
        test::wait_until("the database to answer", [this] {
            try {
                if (server_ && !server_->is_running()) {
                    server_->restart();
                }
                (void)connect()({}).query("SELECT 1");
                return true;
            } catch (const Error&) {
                return false;
            }
        });
    }

private:
    std::unique_ptr<test::PrivateServer> server_;
    std::string url_;
};

/// What ends the run.
Error work_until_full(const Place& place, std::int64_t run)
{
    SystemClock clock;
    test::Recorder listener;
    try {
        (void)run_backfill(place.connect(), clock, listener, {}, run, growing_work(),
                           {.actor = current_actor(), .max_attempts = 1});
    } catch (const Error& error) {
        return error;
    }
    throw std::runtime_error("the disk was large enough");
}

} // namespace

TEST_CASE("a disk that is full stops a run, and with space again every row is done exactly once")
{
    const test::Draw draw("SLUICE_TEST_DISKS", 1);
    for (long long round = 0; round < draw.wanted(); ++round) {
        const test::SmallDisk disk(test::engine() == Engine::sqlite ? 64 : 400);
        if (!disk.why_not().empty()) {
            MESSAGE("skipped: ", disk.why_not());
            return;
        }
        const Place place(disk);
        make_tables(place.connect());
        const std::int64_t run = test::make_counting_run(place.connect(), 200);
        disk.fill(16);
        const Error error = work_until_full(place, run);
        MESSAGE("ended by: ", error.message);
        const bool says_why = error.details.cause == Cause::out_of_space ||
                              error.details.cause == Cause::connection_lost;
        CHECK(says_why);
        disk.free();
        place.come_back();
        test::set_lease_ends(place.connect(), test::long_past);
        SystemClock clock;
        test::Recorder listener;
        CHECK(run_backfill(place.connect(), clock, listener, {}, run, growing_work(),
                           {.actor = current_actor()}) == BackfillEnd::done);
        check_rows(place.connect());
    }
    MESSAGE(draw.wanted(), " full disks, ", draw.told());
}
