#include "impact_foreground.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

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

Operation operations_on_users(const Subject& subject)
{
    return [rows = subject.rows](Session& session, std::mt19937_64& random) {
        std::uniform_int_distribution<long long> any_row(1, rows);
        const int kind = std::uniform_int_distribution<int>(0, 9)(random);
        Sql sql = session.dialect().sql();
        if (kind < 5) {
            sql << "SELECT n, amount FROM users WHERE id = ";
            sql.bind(any_row(random));
            (void)session.query(sql.take());
        } else if (kind < 9) {
            sql << "UPDATE users SET n = n + 1 WHERE id = ";
            sql.bind(any_row(random));
            session.execute(sql.take());
        } else {
            // With its username: what the new version of an application writes, or a trigger.
            sql << "INSERT INTO users (id, user_name, email, n, amount, username) VALUES (";
            sql.bind(rows + ++inserted());
            sql << ", 'User', 'u@example.com', 0, 0, 'user')";
            session.execute(sql.take());
        }
    };
}

/// One thread's connection, and what it felt.
class Foreground::Caller {
public:
    Caller(const Subject& subject, Operation operation, std::uint64_t seed)
        : subject_(subject), operation_(std::move(operation)), random_(seed)
    {
    }

    void connect()
    {
        session_.emplace(subject_.url, SessionOptions{.purpose = "application"});
        wait_like_an_application(*session_);
    }

    /// Returns what went wrong.
    std::string try_to_operate()
    {
        try {
            if (!session_) {
                connect();
            }
            operation_(*session_, random_);
        } catch (const std::exception& error) {
            session_.reset();
            return error.what();
        }
        return {};
    }

    void feel(std::chrono::duration<double, std::milli> took, const std::string& error)
    {
        const std::lock_guard lock(mutex_);
        felt_.milliseconds.push_back(took.count());
        if (!error.empty()) {
            ++felt_.errors;
            felt_.first_error = felt_.first_error.empty() ? error : felt_.first_error;
        }
    }

    [[nodiscard]] Felt take()
    {
        const std::lock_guard lock(mutex_);
        return std::exchange(felt_, {});
    }

private:
    Subject subject_;
    Operation operation_;
    std::mt19937_64 random_;
    std::optional<Session> session_;
    std::mutex mutex_;
    Felt felt_;
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

double Foreground::most(const Subject& subject, const Operation& operation,
                        const ForegroundOptions& options, std::chrono::milliseconds duration)
{
    std::atomic<long long> count{0};
    const Time end = std::chrono::steady_clock::now() + duration;
    {
        std::vector<std::jthread> threads;
        for (int n = 0; n < options.threads; ++n) {
            threads.emplace_back([&, n] {
                Caller caller(subject, operation, options.seed + static_cast<std::uint64_t>(n));
                while (std::chrono::steady_clock::now() < end) {
                    (void)caller.try_to_operate();
                    ++count;
                }
            });
        }
    }
    return static_cast<double>(count) / std::chrono::duration<double>(duration).count();
}

Foreground::Foreground(const Subject& subject, const Operation& operation,
                       const ForegroundOptions& options)
    : options_(options)
{
    for (int n = 0; n < options.threads; ++n) {
        callers_.push_back(std::make_unique<Caller>(subject, operation,
                                                    options.seed + static_cast<std::uint64_t>(n)));
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
        const std::string error = caller.try_to_operate();
        if (due >= measured_from_.load()) {
            caller.feel(std::chrono::steady_clock::now() - due, error);
        }
    }
}

void Foreground::measure()
{
    measured_from_ = std::chrono::steady_clock::now();
}

Felt Foreground::look()
{
    Felt all;
    for (const std::unique_ptr<Caller>& caller : callers_) {
        Felt one = caller->take();
        all.milliseconds.insert(all.milliseconds.end(), one.milliseconds.begin(),
                                one.milliseconds.end());
        all.errors += one.errors;
        all.first_error = all.first_error.empty() ? one.first_error : all.first_error;
    }
    std::sort(all.milliseconds.begin(), all.milliseconds.end());
    return all;
}

Felt Foreground::stop()
{
    end_ = std::chrono::steady_clock::now();
    threads_.clear();
    Felt last = look();
    callers_.clear();
    return last;
}

} // namespace sluice::bench
