// Two versions of an application write while a column is renamed and another changes its type,
// through the whole life of the change. Each client keeps its own ledger of what it wrote; at the
// end every row must be as its ledger says, and the old and the new column must agree. No client
// may see an error.

#include "sluice/core/error.h"
#include "sluice/migration/reader.h"
#include "sluice/run/runner.h"
#include "support/database.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace sluice;

namespace {

const char* const rename_file = R"(
summary = "user_name becomes username"

[[change]]
kind  = "rename_column"
table = "users"
from  = "user_name"
to    = "username"

[pace]
batch_rows = 40
sleep = "1ms"
)";

struct Entry {
    std::string name;
    std::string note;
};

/// Which versions of the application are deployed: both before contract, the new one alone after
/// it.
enum class Deployed { both, new_only, stopped };

/// One client: rows of its own (ids with its remainder), so that its ledger is the truth about
/// them.
class Client {
public:
    Client(const test::TestDatabase& database, long long number, long long clients, unsigned seed)
        : database_(database), number_(number), clients_(clients), random_(seed)
    {
        for (long long id = number; id < 3000; id += clients) {
            ledger_[id] = Entry{id % 7 == 0 ? "" : "Name" + std::to_string(id), "start"};
        }
    }

    void work(const std::atomic<Deployed>& deployed)
    {
        try {
            SessionOptions options;
            options.purpose = "application";
            options.lock_timeout = std::chrono::milliseconds(900);
            Session session = database_.open(options);
            if (database_.url().engine == Engine::sqlite) {
                session.execute("PRAGMA busy_timeout = 60000");
            }
            while (deployed.load() != Deployed::stopped) {
                step(session, deployed.load());
                ++operations;
                // SQLite's writers poll for the lock: clients that never rest starve each other.
                std::this_thread::sleep_for(std::chrono::microseconds(500));
            }
        } catch (const std::exception& problem) {
            error = problem.what();
        }
    }

    [[nodiscard]] const std::map<long long, Entry>& ledger() const { return ledger_; }

    std::string error;
    long long operations = 0;

private:
    int pick(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    std::map<long long, Entry>::iterator any_row()
    {
        auto row = ledger_.lower_bound(static_cast<long long>(random_() % 4000));
        return row == ledger_.end() ? ledger_.begin() : row;
    }

    /// Text and bound values in turn.
    static void run(Session& session, const std::vector<std::string>& parts)
    {
        Sql sql = session.dialect().sql();
        for (std::size_t n = 0; n < parts.size(); ++n) {
            if (n % 2 == 0) {
                sql << parts[n];
            } else {
                sql.bind(Value(parts[n]));
            }
        }
        session.execute(sql.take());
    }

    void step(Session& session, Deployed deployed)
    {
        const std::string column =
            deployed == Deployed::both && pick(2) == 0 ? "user_name" : "username";
        const auto row = any_row();
        const std::string id = std::to_string(row->first);
        const std::string name =
            "N" + std::to_string(random_() % 100000) + (pick(3) == 0 ? "é" : "");
        switch (pick(6)) {
        case 0: {
            const long long fresh = 10000 + number_ + clients_ * inserted_++;
            run(session, {"INSERT INTO users (" + column + ", note, id) VALUES (", name,
                          ", 'new', ", std::to_string(fresh), ")"});
            ledger_[fresh] = Entry{name, "new"};
            return;
        }
        case 1:
            run(session, {"DELETE FROM users WHERE id = ", id});
            ledger_.erase(row);
            return;
        case 2:
            run(session, {"UPDATE users SET note = ", name, " WHERE id = ", id});
            row->second.note = name;
            return;
        case 3: {
            // Moves behind the cursor, or beyond the upper bound.
            const long long moved =
                (pick(2) == 0 ? -1 : 1) * (1000000 + number_ + clients_ * moved_++);
            run(session, {"UPDATE users SET id = ", std::to_string(moved), " WHERE id = ", id});
            ledger_[moved] = row->second;
            ledger_.erase(row);
            return;
        }
        default:
            run(session, {"UPDATE users SET " + column + " = ", name, " WHERE id = ", id});
            row->second.name = name;
            return;
        }
    }

    const test::TestDatabase& database_;
    long long number_;
    long long clients_;
    std::mt19937 random_;
    std::map<long long, Entry> ledger_;
    long long inserted_ = 0;
    long long moved_ = 0;
};

class Quiet final : public Listener {
public:
    void on(const Event& event) override
    {
        const std::scoped_lock lock(mutex_);
        if (const auto* failed = std::get_if<ActionFailed>(&event)) {
            failures_ += failed->summary + ": " + failed->error + "\n";
        }
    }

    [[nodiscard]] std::string failures()
    {
        const std::scoped_lock lock(mutex_);
        return failures_;
    }

private:
    std::mutex mutex_;
    std::string failures_;
};

void fill(const test::TestDatabase& database)
{
    std::string script = test::by_engine(
        "CREATE TABLE users (id bigint PRIMARY KEY, user_name varchar(60) NOT NULL, note text);",
        "CREATE TABLE users (id bigint PRIMARY KEY, user_name varchar(60) NOT NULL, note text) "
        "ENGINE=InnoDB;",
        "CREATE TABLE users (id integer PRIMARY KEY, user_name varchar(60) NOT NULL, note text);");
    script += "INSERT INTO users VALUES ";
    for (int id = 0; id < 3000; ++id) {
        script += (id > 0 ? "," : "") + std::string("(") + std::to_string(id) + ",'" +
                  (id % 7 == 0 ? "" : "Name" + std::to_string(id)) + "','start')";
    }
    database.run(script + ";");
}

/// Every row as its client's ledger says; `columns` must all hold the name.
void compare(const test::TestDatabase& database, const std::vector<Client*>& clients,
             const std::vector<std::string>& columns)
{
    std::map<long long, Entry> expected;
    for (const Client* client : clients) {
        REQUIRE(client->error.empty());
        expected.insert(client->ledger().begin(), client->ledger().end());
    }
    Session session = database.open();
    for (const std::string& column : columns) {
        const Rows rows = session.query("SELECT id, " + column + ", note FROM users");
        CHECK(rows.size() == expected.size());
        std::size_t wrong = 0;
        for (const Row& row : rows.rows) {
            const auto entry = expected.find(std::stoll(*row[0]));
            const bool right = entry != expected.end() && row[1] == entry->second.name &&
                               row[2] == entry->second.note;
            if (!right && ++wrong < 5) {
                MESSAGE("row " << *row[0] << ": " << column << " is " << row[1].value_or("NULL")
                               << ", the client wrote "
                               << (entry == expected.end() ? "a delete" : entry->second.name));
            }
        }
        CHECK(wrong == 0);
    }
}

template <class Work>
void with_traffic(const std::vector<Client*>& clients, Deployed which, Work work)
{
    std::atomic<Deployed> deployed = which;
    std::vector<std::jthread> threads;
    for (Client* client : clients) {
        threads.emplace_back([client, &deployed] { client->work(deployed); });
    }
    try {
        work();
    } catch (...) {
        deployed = Deployed::stopped;
        throw;
    }
    deployed = Deployed::stopped;
}

} // namespace

TEST_CASE("nothing that two versions of the application write is lost while a column is renamed")
{
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    const test::TestDatabase database;
    fill(database);
    const std::vector<Migration> migrations = {
        parse_migration(rename_file, "20260101000000_users_username.toml")};
    SystemClock clock;
    Quiet listener;
    Runner runner(database.connect(), clock, listener, std::stop_token{}, migrations,
                  RunnerOptions{});
    Client one(database, 0, 2, seed);
    Client two(database, 1, 2, seed + 1);
    const std::vector<Client*> clients = {&one, &two};

    CHECK(runner.expand(migrations[0]) == RunEnd::done);
    with_traffic(clients, Deployed::both,
                 [&] { CHECK(runner.migrate(migrations[0]) == RunEnd::done); });
    compare(database, clients, {"user_name", "username"});

    with_traffic(clients, Deployed::new_only,
                 [&] { CHECK(runner.contract(migrations[0]) == RunEnd::done); });
    compare(database, clients, {"username"});

    with_traffic(clients, Deployed::new_only,
                 [&] { CHECK(runner.rollback(migrations[0]) == RunEnd::done); });
    compare(database, clients, {"user_name", "username"});

    with_traffic(clients, Deployed::both, [&] { (void)runner.verify(migrations[0]); });
    compare(database, clients, {"user_name", "username"});
    CHECK(runner.rollback(migrations[0]) == RunEnd::done);
    compare(database, clients, {"user_name"});
    INFO(listener.failures());
    CHECK(one.operations + two.operations > 100);
}
