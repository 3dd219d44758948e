#pragma once
// What the tests of backfills share: a table of users with a run to work on it, a clock that does
// not wait, a listener that keeps what it hears.

#include "sluice/backfill/backfill.h"
#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "support/database.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace sluice::test {

/// Time passes by being slept, not by waiting; `on_sleep` lets a test act meanwhile.
class JumpingClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override { return now_; }

    [[nodiscard]] WallTime wall_now() override { return {}; }

    void sleep(Microseconds duration, const std::stop_token& stop) override;

    std::function<void()> on_sleep;
    std::vector<Microseconds> slept;

private:
    SteadyTime now_{};
};

class Recorder final : public Listener {
public:
    void on(const Event& event) override;

    template <class Kind> [[nodiscard]] std::vector<Kind> all() const
    {
        std::vector<Kind> found;
        for (const Event& event : events) {
            if (const auto* kind = std::get_if<Kind>(&event)) {
                found.push_back(*kind);
            }
        }
        return found;
    }

    std::function<void(const Event&)> on_event;
    std::vector<Event> events; ///< to be read when no worker is left

private:
    std::mutex mutex_;
};

/// Holds workers until so many of them have come: what they do together must not depend on how the
/// machine divides its time among them.
class Meeting {
public:
    explicit Meeting(std::size_t workers) : workers_(workers) {}

    /// Called by each; who comes later passes. Throws when the others have not come after a minute.
    void attend();

private:
    std::size_t workers_;
    std::mutex mutex_;
    std::condition_variable all_have_come_;
    std::set<std::thread::id> present_;
};

/// Of what SessionOptions::before_statement is told: a batch begins.
[[nodiscard]] bool begins_batch(std::string_view purpose, std::string_view sql);

/// PostgreSQL: how many sessions of this database wait for a lock; other tests have other
/// databases.
inline constexpr const char* waiting_sessions =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "wait_event_type = 'Lock'";

/// A table "users" (id, user_name, username, n) with `rows` rows, ids 3 apart, and sluice's state.
void make_users(const TestDatabase& database, int rows);

[[nodiscard]] Column key_column(const std::string& name = "id");

/// username := lower(user_name) where it is NULL.
[[nodiscard]] BackfillWork username_work();
/// n := n + 1, once.
[[nodiscard]] BackfillWork increment_work();

/// A run over "users" with no rest.
[[nodiscard]] std::int64_t make_run(const TestDatabase& database, std::int64_t batch_rows);

/// A worker with what surrounds it.
struct Backfill {
    const TestDatabase& database;
    JumpingClock clock;
    Recorder listener;
    std::stop_source stop;
    BackfillOptions options{.actor = current_actor()};
    SessionOptions changes; ///< time-outs and before_statement of these are used

    [[nodiscard]] BackfillEnd run(std::int64_t id, const BackfillWork& work);
};

} // namespace sluice::test
