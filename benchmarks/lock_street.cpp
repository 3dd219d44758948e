#include "lock_street.h"

#include "impact_foreground.h"
#include "sluice/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace sluice::bench {

namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds between{5};

Session application(const Url& url)
{
    Session session(url, {.purpose = "application"});
    wait_like_an_application(session);
    return session;
}

/// An operation at a table; the number is another one each time.
using Statement = std::string (*)(const std::string& table, long long number);

struct Errand {
    Statement timed;
    Statement afterwards = nullptr; ///< takes back what the first one left
};

std::string reading(const std::string& table, long long /*number*/)
{
    return "SELECT * FROM " + table + " WHERE id = 2";
}

std::string updating(const std::string& table, long long /*number*/)
{
    return "UPDATE " + table + " SET id = id WHERE id = 2";
}

std::string inserting(const std::string& table, long long number)
{
    const long long id = 1'000'000 + number;
    if (table == "customers") {
        return fmt::format("INSERT INTO customers (id, email, user_name, visits, city) VALUES ({}, "
                           "'{}@example.com', 'user {}', 1, 'city')",
                           id, id, id);
    }
    return table == "orders"
               ? fmt::format("INSERT INTO orders (id, customer_id) VALUES ({}, 2)", id)
               : fmt::format("INSERT INTO {} (id) VALUES ({})", table, id);
}

/// No plan has to carry, or to miss in another table, what bystanders leave behind.
std::string removing(const std::string& table, long long number)
{
    return fmt::format("DELETE FROM {} WHERE id = {}", table, 1'000'000 + number);
}

constexpr Errand errands[] = {{reading}, {updating}, {inserting, removing}};

} // namespace

class Bystanders::One {
public:
    One(const Url& url, const Errand& errand) : session_(application(url)), errand_(errand)
    {
        thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }

    void begin(const std::string& table)
    {
        {
            const std::lock_guard lock(mutex_);
            table_ = table;
            is_out_ = true;
        }
        await_two();
        longest_us_ = 0;
    }

    /// Milliseconds of the longest.
    [[nodiscard]] double end()
    {
        await_two();
        const std::lock_guard lock(mutex_); // not in the middle of one
        is_out_ = false;
        return static_cast<double>(longest_us_) / 1000;
    }

private:
    /// One that had begun before may take long: the one after it has begun later.
    void await_two() const
    {
        for (const long long seen = done_; done_ < seen + 2;) {
            std::this_thread::sleep_for(between);
        }
    }

    void work(const std::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            run_errand();
            std::this_thread::sleep_for(between);
        }
    }

    void run_errand()
    {
        const std::lock_guard lock(mutex_);
        if (!is_out_) {
            return;
        }
        ++number_;
        const Time start = std::chrono::steady_clock::now();
        attempt(errand_.timed);
        const std::chrono::microseconds took =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start);
        longest_us_ = std::max(longest_us_.load(), static_cast<long long>(took.count()));
        if (errand_.afterwards != nullptr) {
            attempt(errand_.afterwards);
        }
        ++done_;
    }

    void attempt(Statement statement)
    {
        try {
            session_.execute(statement(table_, number_));
        } catch (const Error&) {
            // A column or table that a plan has taken away: it did not wait.
        }
    }

    Session session_;
    Errand errand_;
    std::mutex mutex_;
    std::string table_;
    bool is_out_ = false;
    long long number_ = 0;
    std::atomic<long long> longest_us_{0};
    std::atomic<long long> done_{0};
    std::jthread thread_;
};

Bystanders::Bystanders(const Url& url)
{
    for (const Errand& errand : errands) {
        all_.push_back(std::make_unique<One>(url, errand));
    }
}

Bystanders::~Bystanders() = default;

void Bystanders::begin(const std::string& table)
{
    for (const auto& one : all_) {
        one->begin(table);
    }
}

LongestWaits Bystanders::end()
{
    return {.read = all_[0]->end(), .update = all_[1]->end(), .insert = all_[2]->end()};
}

Holder::Holder(const Url& url, Holding holding) : holding_(holding), session_(application(url)) {}

bool Holder::hold(const std::string& table, std::chrono::milliseconds time)
{
    session_.execute("BEGIN");
    try {
        session_.execute(holding_ == Holding::read
                             ? "SELECT * FROM " + table + " WHERE id = 1"
                             : "UPDATE " + table + " SET id = id WHERE id = 1");
    } catch (const Error&) {
        session_.execute("ROLLBACK");
        return false;
    }
    timer_ = std::jthread([this, time](const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any over;
        over.wait_for(lock, stop, time, [] { return false; });
        session_.execute("ROLLBACK");
    });
    return true;
}

void Holder::let_go()
{
    if (timer_.joinable()) {
        timer_.request_stop();
        timer_.join();
    }
}

} // namespace sluice::bench
