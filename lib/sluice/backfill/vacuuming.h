#pragma once
// A vacuum of the run's table, where the run's rules ask sluice to see to it: on a thread and a
// connection of its own, one at a time, given up as soon as the run is to rest. Any thread may use
// it. Private to backfill/.

#include "sluice/core/clock.h"
#include "sluice/db/session.h"
#include "sluice/db/table.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sluice {

class Vacuuming {
public:
    Vacuuming(const Connect& connect, Clock& clock) : connect_(connect), clock_(clock) {}

    Vacuuming(const Vacuuming&) = delete;
    Vacuuming& operator=(const Vacuuming&) = delete;
    ~Vacuuming();

    struct Subject {
        std::int64_t run = 0;
        TableName table;
        std::string reason; ///< for the ledger
    };

    /// The table has too many dead rows: begins a vacuum, unless one is under way or the last one
    /// did not help. Never waits.
    void attend(const Subject& subject);
    /// Never waits; to be called until the vacuum has ended, because a cancel that comes before its
    /// statement is lost.
    void give_up() noexcept;

    /// "vacuum of "users" is running"; what came of the last one where it did not help; or empty.
    [[nodiscard]] std::string text() const;

private:
    void work(const std::stop_token& stop, const Subject& subject) noexcept;
    void vacuum(const std::stop_token& stop, const Subject& subject);
    void run_vacuum(const std::stop_token& stop, const Subject& subject);
    void say(std::string text);
    void rest(std::chrono::seconds duration, std::string text);
    [[nodiscard]] bool is_under_way() const;

    const Connect& connect_;
    Clock& clock_;
    mutable std::mutex mutex_; ///< of all that follows but the thread's own work
    std::string text_;
    std::string useless_for_; ///< who kept the rows when the last one did not help
    SteadyTime not_before_{};
    std::optional<Session> session_; ///< used by the thread alone, but for its cancel()
    bool has_ended_ = true;
    std::jthread thread_;
};

} // namespace sluice
