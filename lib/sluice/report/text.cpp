#include "sluice/report/text.h"

#include "sluice/core/error.h"
#include "sluice/report/readable.h"
#include "sluice/throttle/rules_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

bool is_over(const RunRecord& run)
{
    return run.state == RunState::done || run.state == RunState::cancelled ||
           run.state == RunState::failed;
}

std::string note_of(const MigrationStatus& migration)
{
    std::vector<std::string> notes;
    if (!migration.failed_action.empty()) {
        notes.push_back("failed: " + migration.failed_action);
    }
    if (migration.is_edited) {
        notes.emplace_back("the file was edited after it was applied");
    }
    if (migration.is_missing_file) {
        notes.emplace_back("the file is missing");
    }
    if (migration.is_late) {
        notes.emplace_back("late: sorts before an applied one");
    }
    if (notes.empty()) {
        return migration.summary;
    }
    return fmt::format("{}", fmt::join(notes, "; "));
}

std::string line(std::string_view label, std::string_view text)
{
    return text.empty() ? "" : fmt::format("{:<12}{}\n", label, text);
}

std::string summary_line(const std::vector<MigrationStatus>& status)
{
    const auto pending = std::count_if(status.begin(), status.end(), [](const auto& migration) {
        return migration.state == State::pending;
    });
    const auto unfinished = std::count_if(status.begin(), status.end(), [](const auto& migration) {
        return migration.state != State::pending && migration.state != State::migrated &&
               migration.state != State::contracted && migration.state != State::purged &&
               migration.state != State::baselined;
    });
    return fmt::format("{}, {} pending{}", counted(std::ssize(status), "migration"), pending,
                       unfinished == 0 ? "" : fmt::format(", {} unfinished", unfinished));
}

std::string rhythm_of(const RangeRecord& range)
{
    if (range.rows_now == 0) {
        return {};
    }
    return fmt::format("; {}-row batches, p50 {}, p99 {}", range.rows_now,
                       readable(Microseconds(range.p50_us)), readable(Microseconds(range.p99_us)));
}

/// The owner stays on record when a worker lets go; only an expiry says that one holds the range.
std::string worker_of(const RangeRecord& range)
{
    if (range.lease_expires.empty()) {
        return "";
    }
    const Actor worker = owner_from(range.lease_owner);
    return fmt::format("; worker on {} (pid {}{}) until {}", worker.host, worker.pid,
                       is_gone(worker) ? ", which is gone" : "",
                       readable_time(range.lease_expires));
}

std::string hold_of(const RunRecord& run)
{
    return fmt::format("until {}{}", readable_time(run.hold_until),
                       run.hold_reason.empty() ? "" : ": " + run.hold_reason);
}

/// What a run that is not over waits for; a hold is told whether a worker has met it or not.
std::string wait_of(const RunRecord& run)
{
    if (is_over(run)) {
        return "";
    }
    if (run.is_held && run.desired == Desired::running) {
        return "is held " + hold_of(run);
    }
    return run.wait_reason.empty() ? ""
                                   : fmt::format("waits: {} (since {})", run.wait_reason,
                                                 readable_time(run.wait_since));
}

} // namespace

/// Those of a newer version are for that one to explain.
std::string rules_of(const RunRecord& run)
{
    try {
        return text_of(rules_from_json(run.throttle));
    } catch (const Error& error) {
        return error.message;
    }
}

std::string progress_of(const RunRecord& run)
{
    if (run.state == RunState::done) {
        return "100 %";
    }
    if (run.pass > 1) {
        return fmt::format("sweep {}", run.pass);
    }
    return percent(run.rows_scanned, run.estimated_rows);
}

std::string state_of(const RunRecord& run)
{
    std::string state(name_of(run.state));
    if (run.desired == Desired::paused && run.state == RunState::running) {
        return state + ", asked to pause";
    }
    if (run.desired == Desired::cancelled && run.state != RunState::cancelled && !is_over(run)) {
        return state + ", asked to end";
    }
    if (run.desired == Desired::paused && run.state == RunState::waiting) {
        return "paused";
    }
    if (run.is_held && !is_over(run)) {
        return run.state == RunState::running ? state + ", to be held" : "held";
    }
    return state;
}

std::string brake_text(const BrakeRecord& brake, const Output& output)
{
    if (!brake.is_engaged) {
        return "";
    }
    return output.paint(Ink::bad, fmt::format("all runs are stopped by {} since {}{}", brake.actor,
                                              readable_time(brake.at),
                                              brake.reason.empty() ? "" : ": " + brake.reason)) +
           "\nsluice stop-all --release lets them go on\n\n";
}

std::string status_text(const std::vector<MigrationStatus>& status,
                        const std::vector<RunRecord>& runs,
                        const std::optional<LeaseHolder>& holder, const Output& output)
{
    if (status.empty()) {
        return "no migrations; `sluice new` writes one\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (const MigrationStatus& migration : status) {
        rows.push_back({std::string(name_of(migration.state)), migration.version, migration.name,
                        readable_time(migration.changed_at), note_of(migration)});
    }
    std::string text =
        text_table({{"STATE"}, {"VERSION"}, {"NAME"}, {"SINCE (UTC)"}, {"NOTE"}}, rows);
    std::vector<RunRecord> active;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(active),
                 [](const RunRecord& run) { return run.state != RunState::done; });
    if (!active.empty()) {
        text += "\n" + runs_text(active, output);
    }
    text += "\n" + output.paint(Ink::bold, summary_line(status)) + "\n";
    if (holder.has_value() && !holder->is_expired) {
        text += (is_gone(holder->actor) ? "left behind by " : "held by ") + holder_text(*holder);
    }
    return text;
}

std::string runs_text(const std::vector<RunRecord>& runs, const Output& output)
{
    if (runs.empty()) {
        return "no runs\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (const RunRecord& run : runs) {
        rows.push_back({fmt::format("{}", run.id), run.version, display(run.table), state_of(run),
                        progress_of(run), readable(run.rows_scanned), readable(run.rows_changed),
                        readable_time(run.last_progress_at)});
    }
    std::string text = text_table({{"RUN", Align::right},
                                   {"MIGRATION"},
                                   {"TABLE"},
                                   {"STATE"},
                                   {"DONE", Align::right},
                                   {"ROWS", Align::right},
                                   {"CHANGED", Align::right},
                                   {"LAST PROGRESS (UTC)"}},
                                  rows);
    for (const RunRecord& run : runs) {
        if (const std::string wait = wait_of(run); !wait.empty()) {
            text += output.paint(Ink::warning, fmt::format("run {} {}", run.id, wait)) + "\n";
        }
        if (run.state == RunState::failed && !run.last_error.empty()) {
            text +=
                output.paint(Ink::bad, fmt::format("run {} failed: {}", run.id, run.last_error)) +
                "\n";
        }
    }
    return text;
}

std::string run_text(const RunRecord& run, const std::vector<RangeRecord>& ranges)
{
    std::string text = fmt::format("run {}: backfill of {}\n", run.id, display(run.table));
    text += line("migration", fmt::format("{}, action {}", run.version, run.ordinal));
    text += line("key", fmt::format("{}", fmt::join(run.key, ", ")));
    text += line("state", state_of(run));
    text += line(
        "progress",
        fmt::format("{}: {} of about {} looked at, {} changed, batches {}, retries {}, pass {}",
                    progress_of(run), readable(run.rows_scanned),
                    counted(run.estimated_rows, "row"), readable(run.rows_changed),
                    readable(run.batches), readable(run.retries), run.pass));
    text += line("pace", text_of(run.pace));
    text += line("throttle", rules_of(run));
    text += line("held", run.is_held ? hold_of(run) : "");
    if (!run.wait_reason.empty()) {
        text += line("waits",
                     fmt::format("{} (since {})", run.wait_reason, readable_time(run.wait_since)));
    }
    text += line("last error", run.last_error);
    text += line("created", readable_time(run.created_at));
    text += line("started", readable_time(run.started_at));
    text += line("progress at", readable_time(run.last_progress_at));
    text += line("finished", readable_time(run.finished_at));
    for (const RangeRecord& range : ranges) {
        text +=
            line(fmt::format("range {}", range.ordinal),
                 fmt::format("at {} of {}{}{}", range.cursor.empty() ? "its start" : range.cursor,
                             range.upper, rhythm_of(range), worker_of(range)));
    }
    return text;
}

std::string migration_text(const MigrationRecord& migration,
                           const std::vector<ActionRecord>& actions, const Output& output)
{
    std::string text = fmt::format("{} {}: {}\n", migration.version, migration.name,
                                   output.paint(Ink::bold, name_of(migration.state)));
    text += line("summary", migration.summary);
    text += line("owner", migration.owner);
    text += line("expanded", readable_time(migration.expanded_at));
    text += line("migrated", readable_time(migration.migrated_at));
    text += line("contracted", readable_time(migration.contracted_at));
    std::vector<std::vector<std::string>> rows;
    for (const ActionRecord& record : actions) {
        const std::chrono::microseconds took{record.took_us};
        rows.push_back({fmt::format("{}", record.action.ordinal),
                        std::string(name_of(record.action.phase)),
                        std::string(name_of(record.state)),
                        record.finished_at.empty() ? "" : readable(took), record.action.summary});
    }
    text +=
        "\n" +
        text_table({{"#", Align::right}, {"PHASE"}, {"STATE"}, {"TOOK", Align::right}, {"ACTION"}},
                   rows);
    for (const ActionRecord& record : actions) {
        if (!record.error.empty()) {
            text += output.paint(Ink::bad, fmt::format("action {}: {}", record.action.ordinal,
                                                       record.error)) +
                    "\n";
        }
    }
    return text;
}

} // namespace sluice
