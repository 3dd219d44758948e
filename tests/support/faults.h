#pragma once
// What the tests of faults share: a table whose rows are counted up by a change that is not
// idempotent, so that a row done twice and a row left out both show; how many faults are asked for,
// drawn by chance from a seed that can be given again; workers in this process and in others.

#include "sluice/backfill/backfill.h"
#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "support/database.h"

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>

namespace sluice::test {

/// The dice of a test and how often it throws them.
class Draw {
public:
    /// `few` faults, unless the environment variable says how many.
    Draw(const char* variable, long long few);

    [[nodiscard]] long long wanted() const { return wanted_; }

    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    /// From 0 to `end` - 1.
    [[nodiscard]] int below(int end);
    [[nodiscard]] std::chrono::milliseconds between(int from_ms, int to_ms);

    /// "seed 12, 3.4 s": for the line that says what was survived.
    [[nodiscard]] std::string told() const;

private:
    long long wanted_;
    std::uint64_t seed_;
    std::mt19937_64 random_;
    std::chrono::steady_clock::time_point began_;
};

/// Polls a condition until it holds; throws with `what` when it has not after a minute.
void wait_until(const std::string& what, const std::function<bool()>& condition);

/// MySQL: InnoDB shows its transactions as they were when somebody last looked at them, unless that
/// is a tenth of a second ago. Whoever polls them more often sees the same for ever.
void let_server_look_again(Session& session);

/// The table "counters" (id, n, m) with n = m = 0, ids 7 apart, and sluice's state tables.
void make_counters(const Connect& connect, int rows);
/// n := n + 1, once.
[[nodiscard]] BackfillWork counting_work();
/// A run of that work, or of the same with m, without rests.
[[nodiscard]] std::int64_t make_counting_run(const Connect& connect, std::int64_t batch_rows,
                                             int workers = 1);
/// Checks that every row was counted exactly once and that all runs and ranges say the same.
void check_counted_once(const Connect& connect, int rows, const std::string& column = "n");

inline constexpr const char* long_past = "2000-01-01T00:00:00.000Z";

/// The leases that are held end then. False: the rows of the ranges are locked by a batch.
bool set_lease_ends(const Connect& connect, std::string_view time);

/// Runs over fresh counters until there were as many faults as the draw wants. A round gets the run
/// and how many faults are still wanted, sees the run to its end and returns how many there were;
/// then every row is to be counted exactly once.
struct FaultRounds {
    int rows;
    int batch_rows;
    std::function<long long(const TestDatabase& database, std::int64_t run, long long most)> round;

    /// Returns how many faults there were.
    long long play(const Draw& draw) const;
};

/// A connection from text, for URLs that are not a TestDatabase's own.
[[nodiscard]] Connect connect_to(const std::string& url_text);

/// Works on a run in a thread of its own until its end. Counts what it had to try again.
class BackgroundWorker {
public:
    BackgroundWorker(const std::string& url_text, std::int64_t run);
    BackgroundWorker(const BackgroundWorker&) = delete;
    BackgroundWorker& operator=(const BackgroundWorker&) = delete;
    ~BackgroundWorker();

    [[nodiscard]] bool has_ended() const;
    /// Waits for the end; throws what ended it.
    BackfillEnd end();

    [[nodiscard]] long long retries() const { return listener_.retries; }

    [[nodiscard]] long long batches() const { return listener_.batches; }

private:
    class Counts final : public Listener {
    public:
        void on(const Event& event) override;

        std::atomic<long long> retries{0};
        std::atomic<long long> batches{0};
    };

    Counts listener_;
    SystemClock clock_;
    std::stop_source stop_;
    Connect connect_;
    BackfillWork work_ = counting_work();
    std::future<BackfillEnd> end_;
};

/// Works on a run in a process of its own, to be killed or stopped; await_program is to be called
/// for it. It ends with 0 when the run is done. `column` is what it counts up.
[[nodiscard]] pid_t start_worker(const std::string& url_text, std::int64_t run,
                                 const std::string& column = "n");
/// Batches so far, as the run's ranges say.
[[nodiscard]] long long batches_done(const Connect& connect, std::int64_t run);

} // namespace sluice::test
