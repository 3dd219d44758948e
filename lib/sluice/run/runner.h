#pragma once
// A migration through its phases: expand, migrate, contract, and the way back. From every state, a
// crash in the middle included, going on and going back both end in a defined state: what was
// planned is recorded before anything is changed, each action is committed together with its `done`
// row where the engine allows it, and is `intended` first where it does not.

#include "sluice/core/clock.h"
#include "sluice/core/event.h"
#include "sluice/db/session.h"
#include "sluice/migration/migration.h"
#include "sluice/plan/action.h"
#include "sluice/run/gate.h"
#include "sluice/state/history.h"
#include "sluice/state/ledger.h"
#include "sluice/throttle/rules.h"
#include "sluice/verify/verify.h"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

struct RunnerOptions {
    Actor actor;
    PaceSettings pace;          ///< the environment's; a file's own [pace] goes before it
    Rules throttle;             ///< the environment's; kept with each run that is made
    std::string reason;         ///< for the ledger
    bool allow_late = false;    ///< apply a file that sorts before an applied one
    bool accept_drift = false;  ///< go on from a schema that somebody else has changed
    bool single_writer = false; ///< nobody writes through another member of a Galera cluster
    int lock_attempts = 20;     ///< for a statement whose lock is not granted, with back-off
    /// How long each of them waits, and so everybody who queues behind it.
    std::chrono::milliseconds lock_timeout{500};
};

enum class RunEnd { done, interrupted, cancelled };

/// What became, or would become, of one migration in a baseline.
struct BaselineMark {
    std::string version;
    std::string name;
    State from = State::pending;
    State to = State::baselined; ///< the same as `from`: nothing to do
    bool was_edited = false;     ///< since it was marked; it is marked anew, as the file is now
};

/// One migration as status shows it: what the folder says and what the database says.
struct MigrationStatus {
    std::string version;
    std::string name;
    State state = State::pending;
    bool is_missing_file = false; ///< applied, but not in the folder
    bool is_edited = false;       ///< the file's definition is not the one that was applied
    bool is_late = false;         ///< pending, and sorts before an applied one
    std::string changed_at;
    std::string owner;
    std::string summary;
    std::string failed_action; ///< its summary and error
};

/// Changes nothing, takes no lease, works on a database that sluice has never seen.
[[nodiscard]] std::vector<MigrationStatus> read_status(Session& session,
                                                       const std::vector<Migration>& migrations);

struct Surroundings;

class Runner {
public:
    /// `migrations` is the whole folder, in order.
    Runner(Connect connect, Clock& clock, Listener& listener, std::stop_token stop,
           const std::vector<Migration>& migrations, RunnerOptions options);

    /// What would be done; changes nothing. For a migration that has begun: the plan as recorded.
    [[nodiscard]] Plan plan(const Migration& migration);

    RunEnd expand(const Migration& migration); ///< to `expanded`
    RunEnd
    migrate(const Migration& migration); ///< to `migrated`, verified; expands first where needed
    RunEnd apply();                      ///< migrate, for every pending migration in order
    [[nodiscard]] std::vector<VerifyReport>
    verify(const Migration& migration); ///< again, recording the evidence
    /// Throws Error{refused} listing every condition that does not hold when the gate is closed.
    RunEnd contract(const Migration& migration);
    /// One step back: from contracting or contracted to migrated, from the others to pending.
    /// Throws Error{refused}, with nothing changed, where something on the way has no undo.
    RunEnd rollback(const Migration& migration);
    RunEnd purge(const Migration& migration); ///< drops what contract kept; no way back from there

    /// What `baseline` would do with each; changes nothing.
    [[nodiscard]] std::vector<BaselineMark>
    preview_baseline(const std::vector<const Migration*>& chosen);
    /// Makes the state tables and records these as applied, without running any of them: all, or
    /// none where one is under way (Error{refused}).
    std::vector<BaselineMark> baseline(const std::vector<const Migration*>& chosen);
    /// Those of `chosen` that were so marked are pending again.
    std::vector<BaselineMark> forget_baseline(const std::vector<const Migration*>& chosen);

private:
    [[nodiscard]] Surroundings surroundings() const;

    Connect connect_;
    Clock& clock_;
    Listener& listener_;
    std::stop_token stop_;
    const std::vector<Migration>& migrations_;
    RunnerOptions options_;
};

} // namespace sluice
