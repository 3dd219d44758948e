#include "lock_street.h"

#include "impact_foreground.h"
#include "sluice/core/error.h"

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

} // namespace

class Bystanders::One {
public:
    One(const Url& url, std::string sql) : session_(application(url)), sql_(std::move(sql))
    {
        thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }

    void begin() { longest_us_ = 0; }

    [[nodiscard]] double end() const
    {
        // One that had begun before may take long: the one after it has begun later.
        for (const long long seen = done_; done_ < seen + 2;) {
            std::this_thread::sleep_for(between);
        }
        return static_cast<double>(longest_us_) / 1000;
    }

private:
    void work(const std::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            const Time start = std::chrono::steady_clock::now();
            try {
                session_.execute(sql_);
            } catch (const Error&) {
                // A column or table that a plan has taken away: it did not wait.
            }
            const std::chrono::microseconds took =
                std::chrono::duration_cast<std::chrono::microseconds>(
                    std::chrono::steady_clock::now() - start);
            longest_us_ = std::max(longest_us_.load(), static_cast<long long>(took.count()));
            ++done_;
            std::this_thread::sleep_for(between);
        }
    }

    Session session_;
    std::string sql_;
    std::atomic<long long> longest_us_{0};
    std::atomic<long long> done_{0};
    std::jthread thread_;
};

Bystanders::Bystanders(const Url& url)
{
    all_.push_back(std::make_unique<One>(url, "SELECT * FROM customers WHERE id = 2"));
    all_.push_back(std::make_unique<One>(url, "UPDATE customers SET id = id WHERE id = 2"));
}

Bystanders::~Bystanders() = default;

void Bystanders::begin()
{
    for (const auto& one : all_) {
        one->begin();
    }
}

LongestWaits Bystanders::end()
{
    return {.read = all_[0]->end(), .write = all_[1]->end()};
}

Holder::Holder(const Url& url, Holding holding) : holding_(holding), session_(application(url)) {}

void Holder::hold(const std::string& table, std::chrono::milliseconds time)
{
    session_.execute("BEGIN");
    session_.execute(holding_ == Holding::read ? "SELECT * FROM " + table + " WHERE id = 1"
                                               : "UPDATE " + table + " SET id = id WHERE id = 1");
    timer_ = std::jthread([this, time](const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any over;
        over.wait_for(lock, stop, time, [] { return false; });
        session_.execute("ROLLBACK");
    });
}

void Holder::let_go()
{
    if (timer_.joinable()) {
        timer_.request_stop();
        timer_.join();
    }
}

} // namespace sluice::bench
