// Clients that go on writing, by keys that the server gives out, while the key becomes wider under
// them and back: nothing that they wrote may be lost or changed. MySQL and MariaDB.

#include "sluice/core/error.h"
#include "support/life.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>

using namespace sluice;

namespace {

const char* const shop = R"sql(
CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL,
  UNIQUE KEY users_name (name)) ENGINE=InnoDB;
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL,
  note varchar(40), KEY orders_user (user_id),
  CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)) ENGINE=InnoDB;
CREATE TABLE visits (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL,
  KEY visits_user (user_id),
  CONSTRAINT visits_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE)
  ENGINE=InnoDB;
INSERT INTO users (name) SELECT CONCAT('start-', seq) FROM seq_1_to_60;
INSERT INTO orders (user_id, note) SELECT id, name FROM users;
INSERT INTO visits (user_id) SELECT id FROM users;
)sql";

const char* const wider = R"toml(
[[change]]
kind = "change_primary_key"
table = "users"
column = "id"
type = "bigint"
)toml";

class Clerk {
public:
    Clerk(const test::TestDatabase& database, int number, unsigned seed)
        : database_(database), sign_("c" + std::to_string(number) + "-"), random_(seed)
    {
    }

    void work(const std::atomic<bool>& is_over)
    {
        try {
            Session session = database_.open({.purpose = "application"});
            while (!is_over) {
                try_once(session);
            }
        } catch (const std::exception& problem) {
            error = problem.what();
            has_failed_ = true;
        }
    }

    void wait_for(int more) const
    {
        for (const int enough = written_ + more; written_ < enough && !has_failed_;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void check(const test::Life& life) const
    {
        std::string users;
        std::string orders;
        std::string visits;
        for (const auto& [id, name] : users_) {
            users += std::to_string(id) + "|" + name + "|\n";
        }
        for (const auto& [id, order] : orders_) {
            orders +=
                std::to_string(id) + "|" + std::to_string(order.user) + "|" + order.note + "|\n";
        }
        for (const auto& [id, user] : visits_) {
            visits += std::to_string(id) + "|" + std::to_string(user) + "|\n";
        }
        const std::string mine = "SELECT id FROM users WHERE name LIKE '" + sign_ + "%'";
        const std::string of_mine = " WHERE user_id IN (" + mine + ") ORDER BY 1";
        CHECK(error.empty());
        CHECK(life.rows("SELECT id, name FROM users WHERE id IN (" + mine + ") ORDER BY 1") ==
              users);
        CHECK(life.rows("SELECT id, user_id, note FROM orders" + of_mine) == orders);
        CHECK(life.rows("SELECT id, user_id FROM visits" + of_mine) == visits);
    }

    std::string error; ///< to be read when `work` has returned

private:
    struct Order {
        long long user = 0;
        std::string note;
    };

    void try_once(Session& session)
    {
        try {
            step(session);
            ++written_;
        } catch (const Error& refused) {
            // As any application does that meets another's locks.
            if (!is_retryable(refused.details.cause) ||
                refused.details.cause == Cause::connection_lost) {
                throw;
            }
        }
    }

    void step(Session& session)
    {
        const unsigned choice = users_.size() < 3 ? 0 : random_() % 8;
        const std::string text = sign_ + std::to_string(++count_);
        if (choice == 0) {
            session.execute("INSERT INTO users (name) VALUES ('" + text + "')");
            users_[last_id(session)] = text;
        } else if (choice == 1) {
            auto& user = any(users_);
            session.execute("UPDATE users SET name = '" + text + "' WHERE id = " + key(user));
            user.second = text;
        } else if (choice <= 3) {
            const long long user = any(users_).first;
            session.execute("INSERT INTO orders (user_id, note) VALUES (" + std::to_string(user) +
                            ", '" + text + "')");
            orders_[last_id(session)] = {user, text};
        } else if (choice == 4) {
            const long long user = any(users_).first;
            session.execute("INSERT INTO visits (user_id) VALUES (" + std::to_string(user) + ")");
            visits_[last_id(session)] = user;
        } else if (choice == 5 && !orders_.empty()) {
            auto& order = any(orders_);
            const long long user = any(users_).first;
            session.execute("UPDATE orders SET note = '" + text +
                            "', user_id = " + std::to_string(user) + " WHERE id = " + key(order));
            order.second = {user, text};
        } else if (choice == 6 && !orders_.empty()) {
            const auto& order = any(orders_);
            session.execute("DELETE FROM orders WHERE id = " + key(order));
            orders_.erase(order.first);
        } else {
            forget(session, any(users_).first);
        }
    }

    /// The visits go by themselves.
    void forget(Session& session, long long user)
    {
        session.execute("DELETE FROM orders WHERE user_id = " + std::to_string(user));
        std::erase_if(orders_, [user](const auto& order) { return order.second.user == user; });
        session.execute("DELETE FROM users WHERE id = " + std::to_string(user));
        std::erase_if(visits_, [user](const auto& visit) { return visit.second == user; });
        users_.erase(user);
    }

    template <class Rows> [[nodiscard]] typename Rows::value_type& any(Rows& rows)
    {
        auto found = rows.begin();
        std::advance(found, static_cast<std::ptrdiff_t>(random_() % rows.size()));
        return *found;
    }

    template <class Row> [[nodiscard]] static std::string key(const Row& row)
    {
        return std::to_string(row.first);
    }

    static long long last_id(Session& session)
    {
        return std::stoll(session.query("SELECT last_insert_id()")[0][0].value());
    }

    const test::TestDatabase& database_;
    std::string sign_;
    std::mt19937 random_;
    int count_ = 0;
    std::map<long long, std::string> users_;
    std::map<long long, Order> orders_;
    std::map<long long, long long> visits_;
    std::atomic<int> written_ = 0;
    std::atomic<bool> has_failed_ = false;
};

/// A whole life; a few writes of each client come between any two turns of it.
void live(test::Life& life, const std::vector<Clerk*>& clerks)
{
    const auto each = [&](void (test::Life::*turn)()) {
        for (const Clerk* clerk : clerks) {
            clerk->wait_for(10);
        }
        (life.*turn)();
    };
    each(&test::Life::expand);
    each(&test::Life::migrate);
    each(&test::Life::contract);
    each(&test::Life::rollback);
    each(&test::Life::contract);
    each(&test::Life::purge);
    for (const Clerk* clerk : clerks) {
        clerk->wait_for(10);
    }
}

} // namespace

TEST_CASE("what clients write while a key becomes wider, and back, is all there in the end")
{
    if (test::engine() != Engine::mysql) {
        return;
    }
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    test::Life life(shop, wider);
    Clerk one(life.database, 1, seed);
    Clerk two(life.database, 2, seed + 1);
    std::atomic<bool> is_over = false;
    {
        const std::jthread first([&] { one.work(is_over); });
        const std::jthread second([&] { two.work(is_over); });
        try {
            live(life, {&one, &two});
        } catch (...) {
            is_over = true;
            throw;
        }
        is_over = true;
    }
    one.check(life);
    two.check(life);
    CHECK(life.rows("SELECT count(*) FROM users WHERE name LIKE 'start-%'") == "60|\n");
    CHECK(life.rows("SELECT count(*) FROM visits v JOIN users u ON u.id = v.user_id WHERE u.name "
                    "LIKE 'start-%'") == "60|\n");
}
