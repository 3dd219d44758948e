// A backfill while an application writes through both shapes, on real threads. The application
// keeps a ledger of its own; at the end the table must say what the ledger says.

#include "sluice/core/error.h"
#include "support/backfill.h"
#include "support/faults.h"
#include "support/rendered.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>
#include <variant>

using namespace sluice;

namespace {

constexpr int rows_at_start = 3000;

/// "old_name" and "new_name" kept in step by triggers.
void make_synced(const test::TestDatabase& database)
{
    test::make_users(database, 0);
    Session session = database.open();
    session.execute("DROP TABLE users");
    session.execute("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, old_name varchar(40), n "
                    "integer, new_name varchar(40))");
    std::string values;
    for (int n = 1; n <= rows_at_start; ++n) {
        values += fmt::format("{}({}, 'start {}', 0, NULL)", values.empty() ? "" : ", ", 10 * n, n);
    }
    session.execute("INSERT INTO users VALUES " + values);
    const Dialect& dialect = session.dialect();
    Table table;
    table.name.name = "users";
    table.primary_key = {"id"};
    for (const auto& [name, type] :
         std::vector<std::pair<std::string, std::string>>{{"id", "bigint"},
                                                          {"old_name", "varchar(40)"},
                                                          {"n", "int"},
                                                          {"new_name", "varchar(40)"}}) {
        table.columns.push_back(test::column(dialect, name, type));
    }
    const Sync sync{.name = "20261121_1",
                    .table = table.name,
                    .key = {"id"},
                    .row = table.columns,
                    .olds = {{.name = "old_name", .value = {"new_name", "", true}}},
                    .news = {{.name = "new_name", .value = {"old_name", "", true}}},
                    .down_sees = {}};
    (void)test::carry_out(session, {CreateSync{sync}}, table);
}

/// Writes at random through either column, and remembers what it wrote.
class Application {
public:
    Application(const test::TestDatabase& database, std::uint64_t seed)
        : session_(database.open()), random_(seed)
    {
        for (int n = 1; n <= rows_at_start; ++n) {
            ledger_[10 * n] = fmt::format("start {}", n);
        }
    }

    /// One transaction of one to three writes. A conflict is tried again; how often, is counted.
    void write()
    {
        const std::map<long long, std::string> before = ledger_;
        const long long next = next_;
        try {
            session_.begin();
            for (std::size_t n = 1 + below(3); n > 0; --n) {
                write_one();
            }
            session_.commit();
            ++transactions;
        } catch (const Error& error) {
            session_.rollback();
            ledger_ = before;
            next_ = next;
            ++conflicts;
            if (error.details.cause == Cause::deadlock || !is_retryable(error.details.cause)) {
                failures.push_back(error.message);
            }
        }
    }

    [[nodiscard]] const std::map<long long, std::string>& ledger() const { return ledger_; }

    std::atomic<int> transactions = 0;
    int conflicts = 0;
    std::vector<std::string> failures;

private:
    std::size_t below(std::size_t n)
    {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
    }

    long long some_id()
    {
        auto entry = ledger_.lower_bound(static_cast<long long>(below(10 * rows_at_start)));
        return entry == ledger_.end() ? ledger_.begin()->first : entry->first;
    }

    void write_one()
    {
        const long long id = some_id();
        const std::string value = fmt::format("written {}", ++next_);
        const char* side = below(2) == 0 ? "old_name" : "new_name";
        switch (below(6)) {
        case 0: {
            const long long fresh = 10 * static_cast<long long>(below(2 * rows_at_start)) + 3;
            if (ledger_.contains(fresh)) {
                return;
            }
            session_.execute(fmt::format("INSERT INTO users (id, {}, n) VALUES ({}, '{}', 0)", side,
                                         fresh, value));
            ledger_[fresh] = value;
            return;
        }
        case 1:
            session_.execute(fmt::format("DELETE FROM users WHERE id = {}", id));
            ledger_.erase(id);
            return;
        case 2: {
            const long long moved = below(2) == 0 ? -next_ : 1'000'000 + next_;
            session_.execute(fmt::format("UPDATE users SET id = {} WHERE id = {}", moved, id));
            ledger_[moved] = ledger_.at(id);
            ledger_.erase(id);
            return;
        }
        case 3:
            session_.execute(fmt::format("UPDATE users SET n = n + 1 WHERE id = {}", id));
            return;
        default:
            session_.execute(
                fmt::format("UPDATE users SET {} = '{}' WHERE id = {}", side, value, id));
            ledger_[id] = value;
        }
    }

    Session session_;
    std::mt19937_64 random_;
    std::map<long long, std::string> ledger_;
    long long next_ = 0;
};

std::map<long long, std::string> contents(const test::TestDatabase& database, const char* column)
{
    std::map<long long, std::string> found;
    Session session = database.open();
    const Rows rows = session.query(fmt::format("SELECT id, {} FROM users", column));
    for (const Row& row : rows.rows) {
        found[std::stoll(row[0].value())] = row[1].value_or("NULL");
    }
    return found;
}

} // namespace

TEST_CASE("nothing that an application writes during a backfill is lost or overwritten")
{
    const char* given = std::getenv("SLUICE_TEST_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    CAPTURE(seed);
    const test::TestDatabase database;
    make_synced(database);
    const std::int64_t run = test::make_run(database, 20);
    const BackfillWork work{.table = {"", "users"},
                            .key = {test::key_column()},
                            .set = {{"new_name", "old_name"}},
                            .needs_work = "new_name IS NULL AND old_name IS NOT NULL"};
    Application application(database, seed);
    std::atomic<bool> is_done = false;
    SystemClock clock;
    std::jthread writer([&] {
        while (!is_done) {
            application.write();
            // Without a pause it would hold SQLite's only write lock all the time.
            clock.sleep(Milliseconds{1}, {});
        }
    });
    test::Recorder listener;
    int batches = 0;
    listener.on_event = [&](const Event& event) {
        if (std::holds_alternative<BatchDone>(event)) {
            ++batches; // neither is to run away from the other
            test::wait_until("the application to write",
                             [&] { return application.transactions >= 2 * batches; });
        }
    };
    {
        Session session = database.open();
        Runs(session).set_pace(
            run, {.batch_rows = 20, .batch_max = 20, .sleep = Milliseconds{2}, .duty = 0.5});
    }
    const BackfillEnd end = run_backfill(database.connect(), clock, listener, {}, run, work,
                                         {.actor = current_actor()});
    is_done = true;
    writer.join();
    CHECK(end == BackfillEnd::done);
    CHECK(application.failures == std::vector<std::string>{});
    CHECK(contents(database, "new_name") == application.ledger());
    CHECK(contents(database, "old_name") == application.ledger());
    CHECK(application.transactions > 50);
    MESSAGE(application.transactions.load(), " transactions of the application, ",
            application.conflicts,
            " conflicts of it, retries of the backfill: ", listener.all<Retrying>().size());
}
