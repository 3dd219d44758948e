#pragma once
// Which migration is in which state, and what became of each of its actions. Transitions are
// checked here and nowhere else.

#include "sluice/db/session.h"
#include "sluice/migration/migration.h"
#include "sluice/plan/action.h"
#include "sluice/state/ledger.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

///     pending -> expanding -> expanded -> migrating -> migrated -> contracting -> contracted ->
///     purged
///     rollback: expanding, expanded, migrating, migrated -> rolling_back -> pending
///               contracting, contracted                  -> restoring    -> migrated
///     applied before sluice took over: pending -> baselined, and back where that was a mistake
enum class State {
    pending,
    expanding,
    expanded,
    migrating,
    migrated,
    contracting,
    contracted,
    purged,
    rolling_back,
    restoring,
    baselined,
};
[[nodiscard]] std::string_view name_of(State state);
/// Throws Error{internal} for a name that is none.
[[nodiscard]] State state_from(std::string_view name);
[[nodiscard]] bool may_follow(State from, State to);

///     planned -> (intended ->) done -> (undoing ->) undone
/// `failed`: it was tried, and nothing of it is in effect. An action that failed half-way stays
/// `intended` or `undoing`, with its error.
enum class ActionState { planned, intended, done, undoing, undone, failed };
[[nodiscard]] std::string_view name_of(ActionState state);
[[nodiscard]] ActionState action_state_from(std::string_view name);

struct MigrationRecord {
    std::string version;
    std::string name;
    std::string hash;
    std::string definition; ///< as applied (canonical JSON)
    State state = State::pending;
    std::string owner;
    std::string summary;
    std::string expanded_at; ///< server time, UTC; empty: not yet
    std::string migrated_at;
    std::string contracted_at;
    std::string changed_at;
    std::string tool_version;
};

struct ActionRecord {
    Action action;
    ActionState state = ActionState::planned;
    int attempts = 0;
    std::string error;
    std::string fingerprint;   ///< of the touched tables, before it was started (standalone)
    std::string connection_id; ///< of the session that started it
    std::string started_at;    ///< when it became `intended` or `undoing`
    std::string finished_at;   ///< when it became `done`, `undone` or `failed`
    std::int64_t took_us = 0;
    std::string evidence; ///< JSON: what a verification or backfill found
};

/// An action whose last try did not go through: what status shows.
struct FailedAction {
    std::string version;
    int ordinal = 0;
    std::string summary;
    std::string error;
};

/// Every call works inside the caller's transaction when one is open, else commits by itself.
class History {
public:
    explicit History(Session& session) : session_(session) {}

    /// In no particular order, without `definition`.
    [[nodiscard]] std::vector<MigrationRecord> all();
    [[nodiscard]] std::optional<MigrationRecord> find(std::string_view version);
    /// In order of execution.
    [[nodiscard]] std::vector<ActionRecord> actions(std::string_view version);
    [[nodiscard]] std::vector<FailedAction> failed();

    /// Records the migration in state `pending` with its planned actions, replacing those of an
    /// earlier, rolled-back try.
    void record(const Migration& migration, const Plan& plan);
    /// Throws Error{internal} for a transition that is not allowed, Error{held} when the state is
    /// no longer `from`.
    void transition(std::string_view version, State from, State to);

    /// Writes everything but the action itself; the times follow from the state, by the server's
    /// clock.
    void mark(std::string_view version, const ActionRecord& record);

private:
    Session& session_;
};

} // namespace sluice
