#include "waiting.h"

#include "ask.h"
#include "sluice/migration/folder.h"
#include "sluice/report/text.h"
#include "sluice/run/reasons.h"
#include "sluice/state/brake.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

bool is_migrated(const MigrationStatus& status)
{
    switch (status.state) {
    case State::migrated:
    case State::contracting:
    case State::contracted:
    case State::purged:
    case State::baselined:
        return true;
    case State::pending:
    case State::expanding:
    case State::expanded:
    case State::migrating:
    case State::rolling_back:
    case State::restoring:
        return false;
    }
    return false;
}

std::vector<MigrationStatus> left_of(Workspace& workspace, Session& session,
                                     const std::string& named)
{
    const std::vector<Migration>& migrations = workspace.migrations();
    const std::string version = named.empty() ? named : find_migration(migrations, named).version;
    std::vector<MigrationStatus> left;
    for (MigrationStatus& status : read_status(session, migrations)) {
        const bool is_meant = version.empty() || status.version == version;
        if (is_meant && !status.is_missing_file && !is_migrated(status)) {
            left.push_back(std::move(status));
        }
    }
    return left;
}

/// In steps, so that not every batch makes a new line.
std::string run_line(const RunRecord& run)
{
    constexpr std::int64_t step = 10;
    const std::int64_t share =
        run.estimated_rows > 0
            ? std::min<std::int64_t>(run.rows_scanned * 100 / run.estimated_rows / step * step, 99)
            : 0;
    return fmt::format(", run {} {}, {} %{}", run.id, state_of(run), share,
                       run.wait_reason.empty() ? "" : ", waits: " + run.wait_reason);
}

bool is_stopped(const RunRecord& run, const BrakeRecord& brake)
{
    return run.desired == Desired::cancelled || !wished_wait(run, brake).empty();
}

/// What a run says that is a reason to stop waiting.
Verdict verdict_on(Session& session, const RunRecord& run, const BrakeRecord& brake)
{
    const bool has_failed = run.state == RunState::failed;
    if (!has_failed && !is_stopped(run, brake)) {
        return {};
    }
    const Explanation found = explain(session, run.id);
    if (found.reasons.empty()) {
        return {}; // it has gone on since
    }
    const Reason& first = found.reasons.front();
    return {.end = has_failed ? WaitEnd::failed : WaitEnd::stopped,
            .text = fmt::format("run {}: {}", run.id, first.what),
            .next = first.next,
            .is_worked_on = found.is_worked_on};
}

Verdict verdict_on(Workspace& workspace, Session& session, const std::vector<MigrationStatus>& left,
                   const std::vector<RunRecord>& runs)
{
    const bool is_worked_on = workspace.has_state(session) && has_worker(session);
    Verdict verdict{.next = is_worked_on ? "sluice watch" : "sluice apply",
                    .is_worked_on = is_worked_on};
    verdict.text = "waits for ";
    for (const MigrationStatus& status : left) {
        if (!status.failed_action.empty()) {
            verdict.end = WaitEnd::failed;
            verdict.text =
                fmt::format("{} {} failed: {}", status.version, status.name, status.failed_action);
            verdict.next = "sluice migrate " + status.version;
            return verdict;
        }
        verdict.text += fmt::format("{}{} {} ({}", &status == &left.front() ? "" : ", ",
                                    status.version, status.name, name_of(status.state));
        const auto run = std::find_if(runs.begin(), runs.end(), [&status](const RunRecord& one) {
            return one.version == status.version && one.state != RunState::done;
        });
        verdict.text += (run == runs.end() ? "" : run_line(*run)) + ")";
    }
    verdict.text +=
        is_worked_on ? "" : "; no worker is alive: sluice apply or sluice work starts one";
    return verdict;
}

} // namespace

Verdict look_at_work(Workspace& workspace, Session& session, const std::string& named)
{
    const std::vector<MigrationStatus> left = left_of(workspace, session, named);
    if (left.empty()) {
        return {.end = WaitEnd::done,
                .text = named.empty() ? "everything is migrated" : named + " is migrated"};
    }
    std::vector<RunRecord> runs;
    if (workspace.has_state(session)) {
        runs = Runs(session).all();
        const BrakeRecord brake = read_brake(session);
        for (const RunRecord& run : runs) {
            const bool is_meant = std::any_of(left.begin(), left.end(), [&run](const auto& status) {
                return status.version == run.version;
            });
            if (!is_meant || run.state == RunState::done) {
                continue;
            }
            if (Verdict verdict = verdict_on(session, run, brake); verdict.end != WaitEnd::none) {
                return verdict;
            }
        }
        if (brake.is_engaged) {
            return {.end = WaitEnd::stopped,
                    .text = "all runs are stopped by " + brake.actor,
                    .next = "sluice stop-all --release"};
        }
    }
    return verdict_on(workspace, session, left, runs);
}

} // namespace sluice
