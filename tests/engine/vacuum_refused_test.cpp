// A vacuum by sluice that another one is in the way of, or that the server refuses.

#include "support/vacuum.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <string_view>

using namespace sluice;
using test::await_wait;
using test::Bloated;
using test::check_users_counted_once;
using test::engine;
using test::holds_text;
using test::many_rows;
using test::open_pinning;
using test::record_of;
using test::vacuums_at_work;
using test::vacuums_of;
using test::Worker;

namespace {

bool is_vacuum(std::string_view sql)
{
    return sql.substr(0, 6) == "VACUUM";
}

/// A user who may do all that a run needs, and owns nothing.
class Stranger {
public:
    explicit Stranger(const test::TestDatabase& database) : database_(database)
    {
        database_.run("CREATE ROLE " + name_ + " LOGIN PASSWORD 'secret'; GRANT ALL ON users TO " +
                      name_ + "; GRANT ALL ON SCHEMA sluice TO " + name_ +
                      "; GRANT ALL ON ALL TABLES IN SCHEMA sluice TO " + name_ +
                      "; GRANT ALL ON ALL SEQUENCES IN SCHEMA sluice TO " + name_);
    }

    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    ~Stranger()
    {
        database_.run("REASSIGN OWNED BY " + name_ + " TO CURRENT_USER; DROP OWNED BY " + name_ +
                      "; DROP ROLE " + name_);
    }

    void own(const std::string& table) const
    {
        database_.run("ALTER TABLE " + table + " OWNER TO " + name_);
    }

    /// With it go the rights that it had before.
    void disown(const std::string& table) const
    {
        database_.run("ALTER TABLE " + table + " OWNER TO CURRENT_USER; GRANT ALL ON " + table +
                      " TO " + name_);
    }

    [[nodiscard]] Url url() const
    {
        Url url = database_.url();
        url.user = name_;
        url.password = "secret";
        return url;
    }

private:
    const test::TestDatabase& database_;
    std::string name_ = "stranger_" + database_.value("SELECT current_database()");
};

} // namespace

TEST_CASE("of two processes that want to vacuum a table at once one does, and neither fails")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    Session pinning = open_pinning(table.database);
    const std::int64_t run = table.make_run("run");
    test::Meeting meeting(2);
    const auto meet = [&meeting](std::string_view /*purpose*/, std::string_view sql) {
        if (is_vacuum(sql)) {
            meeting.attend(); // each has seen that no other is at work
        }
    };
    Worker first(table.database.url(), run, meet);
    Worker second(table.database.url(), run, meet);
    await_wait(table.database, run, "vacuum of \"users\"");
    test::wait_until("one works", [&] { return table.database.value(vacuums_at_work) == "1"; });
    test::wait_until("the other one has gone", [&] {
        CHECK(table.database.value(vacuums_at_work) == "1");
        return table.database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                    "current_database() AND query LIKE 'VACUUM (%' AND state = "
                                    "'active'") == "1";
    });
    pinning.rollback();
    CHECK(first.end() == BackfillEnd::done);
    CHECK(second.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
    for (const LedgerEntry& entry : vacuums_of(table.database, run)) {
        CHECK_MESSAGE(holds_text(entry.to, " dead"), entry.to);
    }
}

TEST_CASE("who may not vacuum the table is told who may, and asks seldom")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    const std::int64_t run = table.make_run("run");
    const Stranger stranger(table.database);
    std::atomic<int> vacuums{0};
    std::atomic<int> connections{0};
    std::atomic<int> looks{0};
    Worker worker(stranger.url(), run, [&](std::string_view purpose, std::string_view sql) {
        looks += holds_text(std::string(purpose), "control") ? 1 : 0;
        connections += holds_text(std::string(purpose), " vacuum") &&
                               holds_text(std::string(sql), "pg_stat_get_dead_tuples")
                           ? 1
                           : 0;
        vacuums += is_vacuum(sql) ? 1 : 0;
    });
    const SteadyTime began = worker.now();
    await_wait(table.database, run,
               "vacuum of \"users\" is only for the table's owner \"postgres\", the database's "
               "owner and superusers");
    test::wait_until("it has looked often",
                     [&, before = looks.load()] { return looks > before + 100; });
    CHECK(connections >= 1);
    // One each minute from the first on, and that may have been before `began` was read.
    CHECK(connections <= 2 + (worker.now() - began) / std::chrono::minutes{1});
    CHECK(vacuums == 0);
    CHECK(vacuums_of(table.database, run).empty());
    worker.stop();
    CHECK(worker.end() == BackfillEnd::interrupted);
}

TEST_CASE("a vacuum that the server passed over is not taken for one")
{
    if (engine() != Engine::postgresql) {
        return;
    }
    const Bloated table;
    table.bloat();
    const std::int64_t run = table.make_run("run");
    const Stranger stranger(table.database);
    stranger.own("users");
    Worker worker(stranger.url(), run, [&](std::string_view /*purpose*/, std::string_view sql) {
        if (is_vacuum(sql)) {
            stranger.disown("users");
        }
    });
    await_wait(table.database, run,
               "vacuum of \"users\" is only for the table's owner \"postgres\"");
    test::wait_until("recorded", [&] { return !vacuums_of(table.database, run).empty(); });
    CHECK(vacuums_of(table.database, run)[0].to == "refused: only for \"postgres\"");
    CHECK(table.dead_rows().dead >= many_rows);
    test::wait_until("who may vacuums, and it goes on to its end", [&] {
        table.database.run("VACUUM users");
        return record_of(table.database, run).state == RunState::done;
    });
    CHECK(worker.end() == BackfillEnd::done);
    check_users_counted_once(table.database);
}
