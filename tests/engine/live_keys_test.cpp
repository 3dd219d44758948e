// An application numbers rows, and refers to them, while the key becomes wider. At the end every
// row must be as its writer's ledger says. No client may see an error.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/traffic.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <memory>

using namespace sluice;

namespace {

constexpr int first_rows = 900;
constexpr long long wide = 3'000'000'000;

const char* const file = R"(
summary = "users.id becomes a bigint"
[[change]]
kind   = "change_primary_key"
table  = "users"
column = "id"
type   = "bigint"
[pace]
batch_rows = 40
sleep = "1ms"
)";

/// Orders of a user, and the user who brought another.
std::string setup()
{
    return fmt::format(
        "CREATE TABLE users (id serial PRIMARY KEY, name varchar(40) NOT NULL, brought_by int "
        "REFERENCES users (id) ON DELETE SET NULL);"
        "CREATE INDEX users_brought_by ON users (brought_by);"
        "CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int NOT NULL REFERENCES users (id) "
        "ON DELETE CASCADE, note varchar(40));"
        "CREATE INDEX orders_user ON orders (user_id);"
        "INSERT INTO users (name, brought_by) SELECT 'start', nullif(n, 1) / 2 FROM "
        "generate_series(1, {0}) n;"
        "INSERT INTO orders (user_id, note) SELECT id, 'start' FROM users;",
        first_rows);
}

class Shop {
public:
    Shop(const test::TestDatabase& database, long long number, unsigned seed)
        : database_(database), number_(number), random_(seed)
    {
        for (long long id = number + 1; id <= first_rows; id += shops) {
            ledger_[id] = {"start", "start"};
        }
    }

    /// Until `stop`, or an error, which is kept.
    void work(const std::stop_token& stop)
    {
        try {
            SessionOptions options;
            options.purpose = "application";
            Session session = database_.open(options);
            session.execute("SET lock_timeout = 0");
            while (!stop.stop_requested()) {
                step(session);
                ++written_;
            }
        } catch (const std::exception& problem) {
            error = problem.what();
            failed_ = true;
        }
    }

    void wait_until_it_has_written(long long times) const
    {
        const long long enough = written_ + times;
        while (written_ < enough && !failed_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    static constexpr long long shops = 2;
    std::map<long long, std::pair<std::string, std::string>> ledger_; ///< name, note of the order
    std::string error;
    bool is_wide = false; ///< it makes up numbers that the narrow key could not hold

private:
    void step(Session& session)
    {
        const std::string text = "N" + std::to_string(random_() % 100000);
        auto row = ledger_.lower_bound(static_cast<long long>(random_() % first_rows));
        row = row == ledger_.end() ? ledger_.begin() : row;
        switch (random_() % 5) {
        case 0:
            return insert(session, text, row->first);
        case 1:
            session.execute(fmt::format("DELETE FROM users WHERE id = {}", row->first));
            ledger_.erase(row);
            return;
        case 2:
            session.execute(fmt::format("UPDATE orders SET note = '{}', user_id = {} WHERE user_id "
                                        "= {}",
                                        text, row->first, row->first));
            row->second.second = text;
            return;
        default:
            session.execute(
                fmt::format("UPDATE users SET name = '{}' WHERE id = {}", text, row->first));
            row->second.first = text;
            return;
        }
    }

    void insert(Session& session, const std::string& text, long long brought_by)
    {
        const std::string id =
            is_wide ? std::to_string(wide + number_ + shops * made_up_++) : "DEFAULT";
        const Rows given = session.query(
            fmt::format("WITH u AS (INSERT INTO users (id, name, brought_by) VALUES ({}, '{}', {}) "
                        "RETURNING id) SELECT id FROM u",
                        id, text, brought_by));
        const long long number = std::stoll(given[0][0].value());
        session.execute(
            fmt::format("INSERT INTO orders (user_id, note) VALUES ({}, '{}')", number, text));
        ledger_[number] = {text, text};
    }

    const test::TestDatabase& database_;
    long long number_;
    std::mt19937 random_;
    long long made_up_ = 0;
    std::atomic<long long> written_ = 0;
    std::atomic<bool> failed_ = false;
};

using Shops = std::vector<std::unique_ptr<Shop>>;

void with_shops(const Shops& shops, const std::function<void()>& work)
{
    std::vector<std::jthread> threads;
    for (const auto& shop : shops) {
        threads.emplace_back([&shop](const std::stop_token& stop) { shop->work(stop); });
    }
    for (const auto& shop : shops) {
        shop->wait_until_it_has_written(1);
    }
    work();
    for (const auto& shop : shops) {
        shop->wait_until_it_has_written(20);
    }
}

void check(const test::TestDatabase& database, const Shops& shops)
{
    std::map<long long, std::pair<std::string, std::string>> expected;
    for (const auto& shop : shops) {
        REQUIRE_MESSAGE(shop->error.empty(), shop->error);
        expected.insert(shop->ledger_.begin(), shop->ledger_.end());
    }
    const Rows rows = database.open().query(
        "SELECT u.id, u.name, o.note FROM users u FULL JOIN orders o ON o.user_id = u.id");
    CHECK(rows.size() == expected.size());
    std::size_t wrong = 0;
    for (const Row& row : rows.rows) {
        const auto entry = expected.find(std::stoll(row[0].value_or("-1")));
        const bool is_right = entry != expected.end() && row[1] == entry->second.first &&
                              row[2] == entry->second.second;
        wrong += is_right ? 0U : 1U;
    }
    CHECK(wrong == 0);
}

/// How many rows a column of sluice's does not say the same in.
std::string out_of_step(const test::TestDatabase& database, const std::string& prefix)
{
    return database.value(fmt::format(
        "SELECT (SELECT count(*) FROM users WHERE {0}id IS DISTINCT FROM id OR {0}brought_by IS "
        "DISTINCT FROM brought_by) + (SELECT count(*) FROM orders WHERE {0}user_id IS DISTINCT "
        "FROM user_id)",
        prefix));
}

} // namespace

TEST_CASE("nothing that an application writes is lost while a key becomes wider")
{
    if (test::engine() != Engine::postgresql) {
        return; // refused there
    }
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    const test::TestDatabase database;
    database.run(setup());
    const std::vector<Migration> migrations = {parse_migration(file, "20260101000000_users.toml")};
    const Migration& migration = migrations[0];
    SystemClock clock;
    test::Failures listener;
    INFO(listener.text());
    Runner runner(database.connect(), clock, listener, std::stop_token{}, migrations,
                  RunnerOptions{});
    Shops shops;
    for (long long n = 0; n < Shop::shops; ++n) {
        shops.push_back(std::make_unique<Shop>(database, n, seed + static_cast<unsigned>(n)));
    }
    with_shops(shops, [&] {
        CHECK(runner.expand(migration) == RunEnd::done);
        CHECK(runner.migrate(migration) == RunEnd::done);
    });
    check(database, shops);
    CHECK(out_of_step(database, "sluice_new_") == "0");
    with_shops(shops, [&] { CHECK(runner.contract(migration) == RunEnd::done); });
    check(database, shops);
    CHECK(out_of_step(database, "sluice_kept_") == "0");
    with_shops(shops, [&] { CHECK(runner.rollback(migration) == RunEnd::done); });
    check(database, shops);
    CHECK(out_of_step(database, "sluice_new_") == "0");
    with_shops(shops, [&] { CHECK(runner.contract(migration) == RunEnd::done); });
    for (const auto& shop : shops) {
        shop->is_wide = true;
    }
    with_shops(shops, [&] { CHECK(runner.purge(migration) == RunEnd::done); });
    check(database, shops);
    CHECK(database.value("SELECT count(*) > 0 FROM orders WHERE user_id >= 3000000000") == "t");
}
