#include "support/backfill.h"

#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace sluice::test {

void JumpingClock::sleep(Microseconds duration, const std::stop_token& /*stop*/)
{
    slept.push_back(duration);
    now_ += duration;
    if (on_sleep) {
        on_sleep();
    }
}

void Recorder::on(const Event& event)
{
    const std::lock_guard lock(mutex_);
    events.push_back(event);
    if (on_event) {
        on_event(event);
    }
}

void Meeting::attend()
{
    std::unique_lock lock(mutex_);
    present_.insert(std::this_thread::get_id());
    all_have_come_.notify_all();
    if (!all_have_come_.wait_for(lock, std::chrono::minutes(1),
                                 [this] { return present_.size() >= workers_; })) {
        throw std::runtime_error(
            fmt::format("{} workers of {} have come", present_.size(), workers_));
    }
}

bool begins_batch(std::string_view purpose, std::string_view sql)
{
    return purpose.find("control") == std::string_view::npos &&
           (sql.starts_with("WITH sluice_bound") || sql.starts_with("START") ||
            sql.starts_with("BEGIN"));
}

void make_users(const TestDatabase& database, int rows)
{
    Session session = database.open();
    ensure_state(session);
    session.execute("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, user_name varchar(40) NOT "
                    "NULL, username varchar(40), n integer NOT NULL)");
    std::string values;
    for (int n = 1; n <= rows; ++n) {
        values += fmt::format("{}({}, 'User {}', NULL, 0)", values.empty() ? "" : ", ", 3 * n, n);
        if (n % 500 == 0 || n == rows) {
            session.execute("INSERT INTO users VALUES " + values);
            values.clear();
        }
    }
}

Column key_column(const std::string& name)
{
    return {.name = name,
            .type = {.sql = "bigint", .family = TypeFamily::integer, .bits = 64},
            .nullable = false};
}

BackfillWork username_work()
{
    return {.kind = BackfillKind::set,
            .table = {"", "users"},
            .key = {key_column()},
            .set = {{"username", "lower(user_name)"}},
            .needs_work = "username IS NULL"};
}

BackfillWork increment_work()
{
    return {.kind = BackfillKind::set,
            .table = {"", "users"},
            .key = {key_column()},
            .set = {{"n", "n + 1"}},
            .once = true};
}

std::int64_t make_run(const TestDatabase& database, std::int64_t batch_rows)
{
    Session session = database.open();
    return Runs(session).create({.version = "20261121093000",
                                 .ordinal = static_cast<int>(Runs(session).all().size()) + 1,
                                 .table = {"", "users"},
                                 .key = {"id"},
                                 .pace = {.batch_rows = batch_rows,
                                          .batch_max = batch_rows,
                                          .sleep = std::chrono::milliseconds{0},
                                          .duty = 1}});
}

BackfillEnd Backfill::run(std::int64_t id, const BackfillWork& work)
{
    const Connect connect = [this](SessionOptions asked) {
        asked.lock_timeout = changes.lock_timeout;
        if (changes.statement_timeout.count() > 0) {
            asked.statement_timeout = changes.statement_timeout;
        }
        asked.before_statement = changes.before_statement;
        return database.open(asked);
    };
    return run_backfill(connect, clock, listener, stop.get_token(), id, work, options);
}

} // namespace sluice::test
