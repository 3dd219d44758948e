#pragma once
// Backfills being carried out. What people asked for (`desired`) and what the worker observed
// (`state`) are separate columns: a pause works when no worker is alive, and nothing can be stuck
// "pausing".

#include "sluice/db/session.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"

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

/// How fast a run goes; changed while it works by `sluice set`, obeyed from the next batch on.
struct Pace {
    std::int64_t batch_rows = 500;
    std::chrono::milliseconds sleep{50};
    double duty =
        0.5; ///< share of the time that the worker may keep the database busy; 1 rests only `sleep`

    friend bool operator==(const Pace&, const Pace&) = default;
};

/// Refuses values that make no sense. Throws Error{usage}.
void check_pace(const Pace& pace);

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
    std::string wait_reason; ///< empty: not waiting
    std::string wait_since;
    std::string last_error;
    std::string created_at;
    std::string started_at;
    std::string finished_at;
    std::string last_progress_at;
};

enum class RangeState { open, done };

struct RangeRecord {
    std::int64_t run = 0;
    int ordinal = 0;
    std::string upper;  ///< encoded key (backfill/keyset.h)
    std::string cursor; ///< encoded key; empty: before the first row
    RangeState state = RangeState::open;
    std::string lease_owner; ///< owner_text of its worker
    std::string lease_token;
    std::string lease_expires;
    std::int64_t rows_scanned = 0;
    std::int64_t rows_changed = 0;
    std::int64_t batches = 0;
    std::int64_t retries = 0;
};

class Runs {
public:
    explicit Runs(Session& session) : session_(session) {}

    [[nodiscard]] std::vector<RunRecord> all(); ///< oldest first
    [[nodiscard]] std::optional<RunRecord> find(std::int64_t id);
    [[nodiscard]] std::optional<RunRecord> find(std::string_view version, int ordinal);
    [[nodiscard]] std::vector<RangeRecord> ranges(std::int64_t run);

    /// Makes the run with no ranges; returns its id.
    std::int64_t create(const RunRecord& run);
    void remove(std::string_view version); ///< on rollback: the ledger keeps the story
    void remove(std::string_view version, int ordinal);

    /// What people ask for. Returns the state before. Throws Error{usage} for an unknown run,
    /// Error{refused} for a run that is done. Recorded in the ledger by the caller, in the same
    /// transaction.
    Desired ask(std::int64_t run, Desired desired);
    void set_pace(std::int64_t run, const Pace& pace);

    /// What the worker observed.
    void observe(std::int64_t run, RunState state, std::string_view wait_reason = {},
                 std::string_view last_error = {});

    /// Starts a pass: one open range from the beginning to `upper`, its counters kept.
    void open_pass(std::int64_t run, int pass, std::string_view upper);
    /// Takes the range with a new token. False when another, living owner holds it; one whose
    /// process is seen to be gone on this machine is not waited for.
    [[nodiscard]] bool claim(std::int64_t run, int ordinal, const Actor& owner,
                             const std::string& token, std::chrono::seconds lease);

private:
    Session& session_;
};

} // namespace sluice
