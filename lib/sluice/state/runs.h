#pragma once
// Backfills being carried out. What people asked for (`desired`) and what the worker observed
// (`state`) are separate columns: a pause works when no worker is alive, and nothing can be stuck
// "pausing".

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"
#include "sluice/state/pace.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class Desired { running, paused, cancelled };
enum class RunState { waiting, running, paused, done, cancelled, failed };
[[nodiscard]] std::string_view name_of(Desired desired);
[[nodiscard]] std::string_view name_of(RunState state);
/// Throw Error{internal} for a name that is none.
[[nodiscard]] Desired desired_from(std::string_view name);
[[nodiscard]] RunState run_state_from(std::string_view name);

struct RunRecord {
    std::int64_t id = 0;
    std::string version; ///< of its migration
    int ordinal = 0;     ///< of its action
    std::string hash;    ///< definition of the migration when the run was made
    TableName table;
    std::vector<std::string> key;
    Desired desired = Desired::running;
    RunState state = RunState::waiting;
    Pace pace;
    int pass = 1; ///< 2 and up: sweeps after the final check found rows
    std::int64_t estimated_rows = 0;
    std::int64_t rows_scanned = 0; ///< summed over its ranges, all passes
    std::int64_t rows_changed = 0;
    std::int64_t batches = 0;
    std::int64_t retries = 0;
    std::string hold_until; ///< by the server's clock; empty, or past: not held
    bool is_held = false;   ///< hold_until lies ahead, by the server's clock
    std::string hold_reason;
    std::int64_t bad_rows_allowed = 0; ///< rows that may be set aside before the run halts
    std::string throttle;              ///< the rules (throttle/rules.h) as JSON; empty: none
    std::string signals;               ///< what they last said, as JSON; empty: nothing yet
    std::string wait_reason;           ///< empty: not waiting
    std::string wait_since;
    std::string last_error;
    std::string created_at;
    std::string started_at;
    std::string finished_at;
    std::string last_progress_at;
};

class Runs {
public:
    explicit Runs(Session& session) : session_(session) {}

    [[nodiscard]] std::vector<RunRecord> all(); ///< oldest first
    [[nodiscard]] std::optional<RunRecord> find(std::int64_t id);
    [[nodiscard]] std::optional<RunRecord> find(std::string_view version, int ordinal);

    /// Makes the run with no ranges; returns its id.
    std::int64_t create(const RunRecord& run);
    void remove(std::string_view version); ///< on rollback: the ledger keeps the story
    void remove(std::string_view version, int ordinal);

    /// What people ask for. Returns the state before. Throws Error{usage} for an unknown run,
    /// Error{refused} for a run that is done. Recorded in the ledger by the caller, in the same
    /// transaction.
    Desired ask(std::int64_t run, Desired desired);
    void set_pace(std::int64_t run, const Pace& pace);
    /// No batch for so long, by the server's clock; zero: at once again.
    void hold(std::int64_t run, std::chrono::milliseconds duration, std::string_view reason);
    /// A run that failed is to be worked on again. Throws Error{refused} for one that did not fail.
    void retry(std::int64_t run);
    void set_throttle(std::int64_t run, std::string_view rules);
    void allow_bad_rows(std::int64_t run, std::int64_t number);

    /// What the worker observed. A run that is done stays so: of several workers one may be late
    /// to tell what it saw before.
    void observe(std::int64_t run, RunState state, std::string_view wait_reason = {},
                 std::string_view last_error = {});
    /// For `observe` and people: what the signals say at the moment.
    void note_signals(std::int64_t run, std::string_view signals);

private:
    /// Throws Error{usage} for an unknown run, Error{refused} for one that is done.
    [[nodiscard]] RunRecord changeable(std::int64_t run);
    [[nodiscard]] Sql update() const;
    void execute(Sql& sql, std::int64_t run);

    Session& session_;
};

} // namespace sluice
