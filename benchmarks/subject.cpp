#include "subject.h"

#include "sluice/backfill/backfill.h"
#include "sluice/core/clock.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace sluice::bench {

namespace {

struct EngineSql {
    std::string create;
    std::string numbers; ///< a query giving n from 1 to {}
    std::string insert_head;
    std::string row;
    std::vector<std::string> settle;
};

EngineSql sql_of(Engine engine)
{
    const std::string columns = "user_name varchar(50) NOT NULL, email varchar(80), n integer, "
                                "amount numeric(12,2), username varchar(50)";
    switch (engine) {
    case Engine::postgresql:
        return {.create = "CREATE TABLE users (id bigint PRIMARY KEY, created timestamp, " +
                          columns + ")",
                .numbers = "generate_series(1, {}) AS s(n)",
                .row = "n, now(), 'User' || lpad(n::text, 8, '0'), 'u' || n || '@example.com', n % "
                       "1000, n / 100.0, NULL",
                .settle = {"VACUUM ANALYZE users", "CHECKPOINT"}};
    case Engine::mysql:
        return {.create = "CREATE TABLE users (id bigint PRIMARY KEY, created datetime, " +
                          columns + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
                .numbers = "(WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c "
                           "WHERE n < {}) SELECT n FROM c) AS s",
                .row = "n, now(), concat('User', lpad(n, 8, '0')), concat('u', n, '@example.com'), "
                       "n % 1000, n / 100, NULL",
                .settle = {"ANALYZE TABLE users", "FLUSH TABLES"}};
    case Engine::sqlite:
        return {.create =
                    "CREATE TABLE users (id integer PRIMARY KEY, created text, " + columns + ")",
                .numbers = "(WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c "
                           "LIMIT {}) SELECT n FROM c) AS s",
                .row = "n, '2026-11-21 05:00:00', printf('User%08d', n), 'u' || n || "
                       "'@example.com', n % 1000, n / 100.0, NULL",
                .settle = {"ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"}};
    }
    return {};
}

BackfillWork username_work(const Session& session)
{
    const bool is_sqlite = session.dialect().server().engine == Engine::sqlite;
    return {.table = {"", "users"},
            .key = {{.name = "id",
                     .type = {.sql = is_sqlite ? "integer" : "bigint",
                              .family = TypeFamily::integer,
                              .bits = 64},
                     .nullable = false}},
            .set = {{"username", "lower(user_name)"}},
            .needs_work = "username IS NULL"};
}

class Silence final : public Listener {
public:
    void on(const Event& /*event*/) override {}
};

const char* const postgresql_loop = R"(
CREATE OR REPLACE PROCEDURE users_loop(rows bigint, last bigint) LANGUAGE plpgsql AS $$
DECLARE
    low bigint := 0;
    high bigint;
BEGIN
    WHILE low < last LOOP
        SELECT id INTO high FROM users WHERE id > low ORDER BY id LIMIT 1 OFFSET rows - 1;
        high := coalesce(high, last);
        UPDATE users SET username = lower(user_name) WHERE id > low AND id <= high AND username IS NULL;
        low := high;
        COMMIT;
    END LOOP;
END $$)";

const char* const mysql_loop = R"(
CREATE OR REPLACE PROCEDURE users_loop(batch bigint, last bigint)
BEGIN
    DECLARE low bigint DEFAULT 0;
    DECLARE high bigint;
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
    WHILE low < last DO
        SET high = NULL;
        SELECT max(id) INTO high FROM (SELECT id FROM users WHERE id > low ORDER BY id LIMIT batch) s;
        SET high = coalesce(high, last);
        START TRANSACTION;
        UPDATE users SET username = lower(user_name) WHERE id > low AND id <= high AND username IS NULL;
        COMMIT;
        SET low = high;
    END WHILE;
END)";

/// InnoDB removes old versions of rows in the background; what an earlier run left is not to slow
/// down the next.
void await_purge(Session& session)
{
    constexpr int most_tries = 600;
    for (int n = 0; n < most_tries; ++n) {
        const Rows rows = session.query("SELECT COUNT FROM information_schema.INNODB_METRICS WHERE "
                                        "NAME = 'trx_rseg_history_len'");
        constexpr long long few = 100;
        if (rows.empty() || std::stoll(rows[0][0].value_or("0")) < few) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    throw std::runtime_error("the server is still purging after a minute");
}

} // namespace

void make_users(const Subject& subject)
{
    Session session(subject.url, {});
    const EngineSql sql = sql_of(subject.url.engine);
    if (subject.url.engine == Engine::postgresql) {
        // An autovacuum of the last table gives way after the server's deadlock_timeout.
        session.execute("SET lock_timeout = '30s'");
    }
    session.execute("DROP TABLE IF EXISTS users");
    session.execute(sql.create);
    if (subject.url.engine == Engine::mysql) {
        // Rows are numbered by a recursive query, which has a limit of its own.
        session.execute(session.dialect().server().is_mariadb
                            ? "SET SESSION max_recursive_iterations = 4294967295"
                            : "SET SESSION cte_max_recursion_depth = 4294967295");
    }
    session.execute(
        "INSERT INTO users (id, created, user_name, email, n, amount, username) SELECT " + sql.row +
        " FROM " + fmt::format(fmt::runtime(sql.numbers), subject.rows));
    for (const std::string& statement : sql.settle) {
        session.execute(statement);
    }
    if (subject.url.engine == Engine::mysql) {
        await_purge(session);
    }
}

void single_update(const Subject& subject)
{
    Session session(subject.url, {});
    session.execute("UPDATE users SET username = lower(user_name)");
}

bool server_loop(const Subject& subject)
{
    if (subject.url.engine == Engine::sqlite) {
        return false;
    }
    Session session(subject.url, {});
    session.execute(subject.url.engine == Engine::postgresql ? postgresql_loop : mysql_loop);
    session.execute(fmt::format("CALL users_loop({}, {})", subject.batch_rows, subject.rows));
    return true;
}

namespace {

using BeforeStatement = std::function<void(std::string_view purpose, std::string_view sql)>;

void run_users(const Subject& subject, const Pace& pace, const BeforeStatement& before_statement)
{
    Session session(subject.url, {});
    ensure_state(session);
    Runs runs(session);
    runs.remove("20260101000000");
    const std::int64_t run = runs.create({.version = "20260101000000",
                                          .ordinal = 1,
                                          .table = {"", "users"},
                                          .key = {"id"},
                                          .pace = pace});
    SystemClock clock;
    Silence silence;
    const Connect connect = [&](SessionOptions options) {
        options.before_statement = before_statement;
        return Session(subject.url, std::move(options));
    };
    const BackfillEnd end = run_backfill(connect, clock, silence, {}, run, username_work(session),
                                         {.actor = current_actor()});
    if (end != BackfillEnd::done) {
        throw std::runtime_error("the backfill did not end");
    }
}

/// Time between one statement and the next, by how the statement begins.
class Profile {
public:
    void see(std::string_view sql)
    {
        const auto now = std::chrono::steady_clock::now();
        Entry& entry = entries_[last_];
        ++entry.count;
        entry.seconds += std::chrono::duration<double>(now - began_).count();
        began_ = now;
        last_ = sql.substr(0, 60);
    }

    [[nodiscard]] std::string text() const
    {
        std::string lines;
        for (const auto& [name, entry] : entries_) {
            lines += fmt::format("{:9.3f} s {:7} x  {}\n", entry.seconds, entry.count, name);
        }
        return lines;
    }

private:
    struct Entry {
        long long count = 0;
        double seconds = 0;
    };

    std::map<std::string, Entry> entries_;
    std::string last_ = "(before the first statement)";
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace

Pace default_pace(const Subject& subject)
{
    const Session session(subject.url, {});
    const DefaultPace& usual = session.dialect().capabilities().pace;
    return {.batch_rows = usual.batch_rows,
            .batch_max = usual.batch_max,
            .batch_time = usual.batch_time,
            .sleep = usual.sleep};
}

Pace unthrottled_pace(const Subject& subject)
{
    return {.batch_rows = subject.batch_rows,
            .batch_max = subject.batch_rows,
            .sleep = std::chrono::milliseconds{0},
            .duty = 1};
}

void backfill(const Subject& subject)
{
    backfill(subject, unthrottled_pace(subject));
}

void backfill(const Subject& subject, const Pace& pace)
{
    run_users(subject, pace, {});
}

std::string backfill_profile(const Subject& subject)
{
    Profile profile;
    run_users(subject, unthrottled_pace(subject),
              [&profile](std::string_view, std::string_view sql) { profile.see(sql); });
    profile.see("");
    return profile.text();
}

void check_users(const Subject& subject)
{
    Session session(subject.url, {});
    const Rows rows = session.query("SELECT count(*) FROM users WHERE username = lower(user_name)");
    if (rows[0][0].value() != std::to_string(subject.rows)) {
        throw std::runtime_error("only " + rows[0][0].value() + " rows were changed");
    }
}

} // namespace sluice::bench
