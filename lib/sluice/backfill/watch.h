#pragma once
// Where a run really is and what people want of it, as the database says; and the way to say what
// the worker observed. Private to backfill/.

#include "sluice/backfill/attempts.h"
#include "sluice/backfill/batch.h"
#include "sluice/backfill/connections.h"
#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

enum class Wish { go_on, cancel };

/// What a worker does while people want the run to wait.
enum class WhilePaused { wait, leave };

class Watch {
public:
    Watch(Attempts& attempts, WorkerConnections& connections, Clock& clock, Listener& listener,
          std::int64_t run, WhilePaused while_paused);

    /// Reads run and range back. May throw what a query throws.
    void look();
    /// The same, tried again where it failed.
    void look_until_seen();

    /// Waits, without holding the range, for as long as people want the run to wait.
    [[nodiscard]] Wish obey();

    void observe(RunState state, std::string_view wait_reason = {});
    /// At most once a second.
    void observe_progress();
    void tell_waiting(std::string_view reason);
    /// What is left to note when the worker ends without an end; never throws.
    void give_up(const Error& error) noexcept;

    void count_retry() { ++retries_; }

    void hold_with(std::string token) { token_ = std::move(token); }

    /// Brings what was seen up to date with a batch's result.
    void add(const BatchResult& result);

    [[nodiscard]] const RunRecord& run() const { return run_; }

    [[nodiscard]] const RangeRecord& range() const { return range_; }

    [[nodiscard]] const std::string& token() const { return token_; }

    [[nodiscard]] bool is_range_done() const { return range_.state == RangeState::done; }

private:
    [[nodiscard]] std::string reason_to_wait();
    void note_wait(const std::string& reason);
    [[nodiscard]] Held held() const;

    Attempts& attempts_;
    WorkerConnections& connections_;
    Clock& clock_;
    Listener& listener_;
    WhilePaused while_paused_;
    RunRecord run_;
    RangeRecord range_;
    SteadyTime observed_at_{};
    std::string told_reason_;
    std::string token_;        ///< what this worker holds the range with; empty: it does not
    std::int64_t retries_ = 0; ///< not yet noted in the range
};

} // namespace sluice
