#include "impact_foreground.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <random>

namespace sluice::bench {

namespace {

std::atomic<long long>& inserted()
{
    static std::atomic<long long> count{0};
    return count;
}

} // namespace

void wait_like_an_application(Session& session)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        session.execute("SET lock_timeout = 0");
        return;
    case Engine::mysql:
        session.execute("SET SESSION innodb_lock_wait_timeout = 50, lock_wait_timeout = 86400");
        return;
    case Engine::sqlite:
        session.execute("PRAGMA busy_timeout = 60000");
        return;
    }
}

/// One thread's connection, and what it felt.
class Foreground::Caller {
public:
    Caller(const Subject& subject, std::uint64_t seed)
        : subject_(subject), random_(seed), any_row_(1, subject.rows)
    {
    }

    void connect()
    {
        session_.emplace(subject_.url, SessionOptions{.purpose = "application"});
        wait_like_an_application(*session_);
    }

    /// Half reads, four in ten updates, one in ten inserts.
    void operate()
    {
        const int kind = any_kind_(random_);
        Sql sql = session_->dialect().sql();
        if (kind < 5) {
            sql << "SELECT n, amount FROM users WHERE id = ";
            sql.bind(any_row_(random_));
            (void)session_->query(sql.take());
        } else if (kind < 9) {
            sql << "UPDATE users SET n = n + 1 WHERE id = ";
            sql.bind(any_row_(random_));
            session_->execute(sql.take());
        } else {
            // With its username: what the new version of an application writes, or a trigger.
            sql << "INSERT INTO users (id, user_name, email, n, amount, username) VALUES (";
            sql.bind(subject_.rows + ++inserted());
            sql << ", 'User', 'u@example.com', 0, 0, 'user')";
            session_->execute(sql.take());
        }
    }

    void try_to_operate()
    {
        try {
            if (!session_) {
                connect();
            }
            operate();
        } catch (const std::exception& error) {
            ++felt.errors;
            felt.first_error = felt.first_error.empty() ? error.what() : felt.first_error;
            session_.reset();
        }
    }

    Felt felt;

private:
    Subject subject_;
    std::mt19937_64 random_;
    std::uniform_int_distribution<long long> any_row_;
    std::uniform_int_distribution<int> any_kind_{0, 9};
    std::optional<Session> session_;
};

double Felt::quantile(double share) const
{
    if (milliseconds.empty()) {
        return 0;
    }
    const auto place =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(milliseconds.size())));
    return milliseconds[std::clamp<std::size_t>(place, 1, milliseconds.size()) - 1];
}

double Foreground::most(const Subject& subject, const ForegroundOptions& options,
                        std::chrono::milliseconds duration)
{
    std::atomic<long long> count{0};
    const Time end = std::chrono::steady_clock::now() + duration;
    {
        std::vector<std::jthread> threads;
        for (int n = 0; n < options.threads; ++n) {
            threads.emplace_back([&, n] {
                Caller caller(subject, options.seed + static_cast<std::uint64_t>(n));
                while (std::chrono::steady_clock::now() < end) {
                    caller.try_to_operate();
                    ++count;
                }
            });
        }
    }
    return static_cast<double>(count) / std::chrono::duration<double>(duration).count();
}

Foreground::Foreground(const Subject& subject, const ForegroundOptions& options) : options_(options)
{
    for (int n = 0; n < options.threads; ++n) {
        callers_.push_back(
            std::make_unique<Caller>(subject, options.seed + static_cast<std::uint64_t>(n)));
        callers_.back()->connect();
    }
    began_ = std::chrono::steady_clock::now();
    for (int n = 0; n < options.threads; ++n) {
        threads_.emplace_back([this, n] { call(*callers_[static_cast<std::size_t>(n)], n); });
    }
}

Foreground::~Foreground()
{
    end_ = std::min(end_.load(), std::chrono::steady_clock::now());
}

void Foreground::call(Caller& caller, int number)
{
    const std::chrono::duration<double> interval(1.0 / options_.rate);
    for (long long n = number;; n += options_.threads) {
        const Time due = began_ + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                      interval * static_cast<double>(n));
        std::this_thread::sleep_until(due);
        if (due >= end_.load()) {
            return;
        }
        const long long errors = caller.felt.errors;
        caller.try_to_operate();
        if (due >= measured_from_.load()) {
            const std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - due;
            caller.felt.milliseconds.push_back(took.count());
        } else {
            caller.felt.errors = errors;
        }
    }
}

void Foreground::measure()
{
    measured_from_ = std::chrono::steady_clock::now();
}

Felt Foreground::stop()
{
    end_ = std::chrono::steady_clock::now();
    threads_.clear();
    Felt all;
    for (const std::unique_ptr<Caller>& caller : callers_) {
        const Felt& one = caller->felt;
        all.milliseconds.insert(all.milliseconds.end(), one.milliseconds.begin(),
                                one.milliseconds.end());
        all.errors += one.errors;
        all.first_error = all.first_error.empty() ? one.first_error : all.first_error;
    }
    callers_.clear();
    std::sort(all.milliseconds.begin(), all.milliseconds.end());
    return all;
}

} // namespace sluice::bench
