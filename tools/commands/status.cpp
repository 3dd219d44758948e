#include "commands/commands.h"
#include "exit_code.h"
#include "sluice/report/json.h"
#include "sluice/report/text.h"
#include "workspace.h"

#include <algorithm>

namespace sluice {

namespace {

bool needs_work(const MigrationStatus& migration)
{
    switch (migration.state) {
    case State::migrated:
    case State::contracted:
    case State::purged:
    case State::baselined:
        return migration.is_edited || migration.is_missing_file;
    case State::pending:
    case State::expanding:
    case State::expanded:
    case State::migrating:
    case State::contracting:
    case State::rolling_back:
    case State::restoring:
        return true;
    }
    return true;
}

int run(Workspace& workspace)
{
    const std::vector<Migration>& migrations = workspace.migrations();
    Session session = workspace.open();
    const bool has_state = workspace.has_state(session);
    const std::vector<MigrationStatus> status = read_status(session, migrations);
    const std::vector<RunRecord> runs = has_state ? Runs(session).all() : std::vector<RunRecord>{};
    const std::optional<LeaseHolder> holder =
        has_state ? lease_holder(session) : std::optional<LeaseHolder>{};
    const BrakeRecord brake = has_state ? read_brake(session) : BrakeRecord{};
    workspace.print(
        [&] {
            return brake_text(brake, workspace.output()) +
                   status_text(status, runs, holder, workspace.output());
        },
        [&] { return status_json(status, runs, holder, brake); });
    const bool is_pending = std::any_of(status.begin(), status.end(), needs_work);
    return is_pending ? exit_code::pending : exit_code::done;
}

} // namespace

Command status_command()
{
    return {.name = "status",
            .group = CommandGroup::pipeline,
            .summary = "every migration and its state",
            .details = "Changes nothing, waits for nobody, can be asked at any time.",
            .examples = {"sluice status", "sluice status --env production --json | jq .migrations"},
            .exit_codes = {{exit_code::done, "everything is migrated"},
                           {exit_code::pending, "something is pending or unfinished, or a file was "
                                                "edited or removed after it was applied"},
                           {exit_code::failed, "failed"},
                           {exit_code::refused, "the state tables come from a newer sluice"},
                           {exit_code::usage, "the command line or sluice.toml is wrong"}},
            .define = [](CLI::App&) -> Run { return run; }};
}

} // namespace sluice
