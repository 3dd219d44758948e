#pragma once
// Where a run and the range that a worker holds really are, and what people want of the run, as the
// database says; and the way to say what the worker observed. Private to backfill/.

#include "sluice/backfill/attempts.h"
#include "sluice/backfill/batch.h"
#include "sluice/backfill/connections.h"
#include "sluice/backfill/shared_monitor.h"
#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/state/ranges.h"
#include "sluice/state/runs.h"

#include <cstdint>
#include <optional>
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
          std::int64_t run, WhilePaused while_paused, SharedMonitor& monitor);

    /// Of several workers of a process one says what the signals say.
    void speak_for_signals() { speaks_ = true; }

    /// The signals say that no batch is to begin now.
    [[nodiscard]] bool is_throttled() const { return monitor_.decision().holds; }

    /// Reads the run, and the range that was held last, back. May throw what a query throws.
    void look();
    /// The same, tried again where it failed.
    void look_until_seen();

    /// Waits, without holding the range, for as long as people want the run to wait.
    [[nodiscard]] Wish obey();

    void observe(RunState state, std::string_view wait_reason = {});
    /// At most once a second.
    void observe_progress(const Rhythm& rhythm);
    void tell_waiting(std::string_view reason);
    /// What is left to note when the worker ends without an end; never throws.
    void give_up(const Error& error) noexcept;
    void release() noexcept;

    /// Counts an attempt that will be made again, and lets the run say what it failed of until one
    /// succeeds.
    void note_failure(const Error& error, int attempt) noexcept;

    void hold(int ordinal, std::string token)
    {
        ordinal_ = ordinal;
        token_ = std::move(token);
    }

    [[nodiscard]] Held held() const { return {run_.id, ordinal_, token_}; }

    /// Brings what was seen up to date with a batch's result.
    void add(const BatchResult& result);

    [[nodiscard]] const RunRecord& run() const { return run_; }

    [[nodiscard]] const RangeRecord& range() const { return range_; }

    [[nodiscard]] const std::string& token() const { return token_; }

    /// The range is still this worker's, and open.
    [[nodiscard]] bool is_held() const
    {
        return !token_.empty() && range_.lease_token == token_ && range_.state == RangeState::open;
    }

private:
    /// Why no batch may begin now, and who says so.
    struct Wait {
        enum class By { nobody, people, signals };
        By by = By::nobody;
        std::string reason;
    };

    [[nodiscard]] std::optional<RunRecord> find_run();
    [[nodiscard]] Wait what_to_wait_for();
    void note_signals();
    void pause_critical(const Decision& decision);
    void note_wait(const std::string& reason);

    Attempts& attempts_;
    WorkerConnections& connections_;
    Clock& clock_;
    Listener& listener_;
    WhilePaused while_paused_;
    SharedMonitor& monitor_;
    bool speaks_ = false;
    RunRecord run_;
    RangeRecord range_;
    SteadyTime observed_at_{};
    SteadyTime signals_noted_at_{};
    std::string noted_signals_;
    std::string told_reason_;
    int ordinal_ = 0;
    std::string token_;        ///< what this worker holds the range with; empty: it holds none
    std::int64_t retries_ = 0; ///< not yet noted in the range
    bool has_noted_failure_ = false;
};

} // namespace sluice
