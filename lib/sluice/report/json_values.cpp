#include "sluice/report/json_values.h"

#include "sluice/core/secrets.h"

namespace sluice {

namespace {

Json recorded_json(const std::string& text)
{
    if (text.empty()) {
        return nullptr;
    }
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json(text) : value;
}

} // namespace

Json or_null(const std::string& text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

std::string_view name_of(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::usage:
        return "usage";
    case ErrorKind::definition:
        return "definition";
    case ErrorKind::connection:
        return "connection";
    case ErrorKind::sql:
        return "sql";
    case ErrorKind::refused:
        return "refused";
    case ErrorKind::held:
        return "held";
    case ErrorKind::interrupted:
        return "interrupted";
    case ErrorKind::internal:
        return "internal";
    }
    return "internal";
}

Json value_of(const MigrationStatus& status)
{
    return {{"version", status.version},
            {"name", status.name},
            {"state", name_of(status.state)},
            {"changed_at", or_null(status.changed_at)},
            {"summary", or_null(status.summary)},
            {"owner", or_null(status.owner)},
            {"missing_file", status.is_missing_file},
            {"edited", status.is_edited},
            {"late", status.is_late},
            {"failed_action", or_null(status.failed_action)}};
}

Json value_of(const RunRecord& run)
{
    return {{"run", run.id},
            {"version", run.version},
            {"action", run.ordinal},
            {"table", display(run.table)},
            {"key", run.key},
            {"state", name_of(run.state)},
            {"desired", name_of(run.desired)},
            {"pass", run.pass},
            {"rows_scanned", run.rows_scanned},
            {"rows_changed", run.rows_changed},
            {"estimated_rows", run.estimated_rows},
            {"batches", run.batches},
            {"retries", run.retries},
            {"pace",
             {{"batch_rows", run.pace.batch_rows},
              {"batch_max", run.pace.batch_max},
              {"batch_time_ms", run.pace.batch_time.count()},
              {"sleep_ms", run.pace.sleep.count()},
              {"duty", run.pace.duty},
              {"workers", run.pace.workers}}},
            {"bad_rows_allowed", run.bad_rows_allowed},
            {"held", run.is_held},
            {"hold_until", or_null(run.hold_until)},
            {"hold_reason", or_null(run.hold_reason)},
            {"throttle", recorded_json(without_passwords(run.throttle))},
            {"signals", recorded_json(run.signals)},
            {"wait_reason", or_null(run.wait_reason)},
            {"wait_since", or_null(run.wait_since)},
            {"last_error", or_null(run.last_error)},
            {"created_at", or_null(run.created_at)},
            {"started_at", or_null(run.started_at)},
            {"last_progress_at", or_null(run.last_progress_at)},
            {"finished_at", or_null(run.finished_at)}};
}

Json value_of(const RangeRecord& range)
{
    return {{"range", range.ordinal},
            {"state", range.state == RangeState::done ? "done" : "open"},
            {"lower", recorded_json(range.lower)},
            {"cursor", recorded_json(range.cursor)},
            {"upper", recorded_json(range.upper)},
            {"lease_owner", or_null(range.lease_owner)},
            {"lease_expires", or_null(range.lease_expires)},
            {"rows_scanned", range.rows_scanned},
            {"rows_changed", range.rows_changed},
            {"batches", range.batches},
            {"retries", range.retries},
            {"rows_now", range.rows_now},
            {"p50_us", range.p50_us},
            {"p99_us", range.p99_us}};
}

Json value_of(const MigrationRecord& migration)
{
    return {{"version", migration.version},
            {"name", migration.name},
            {"state", name_of(migration.state)},
            {"hash", migration.hash},
            {"summary", or_null(migration.summary)},
            {"owner", or_null(migration.owner)},
            {"expanded_at", or_null(migration.expanded_at)},
            {"migrated_at", or_null(migration.migrated_at)},
            {"contracted_at", or_null(migration.contracted_at)},
            {"changed_at", or_null(migration.changed_at)},
            {"tool_version", migration.tool_version}};
}

Json value_of(const ActionRecord& record)
{
    return {{"action", record.action.ordinal},
            {"phase", name_of(record.action.phase)},
            {"summary", record.action.summary},
            {"state", name_of(record.state)},
            {"attempts", record.attempts},
            {"took_us", record.took_us},
            {"started_at", or_null(record.started_at)},
            {"finished_at", or_null(record.finished_at)},
            {"error", or_null(record.error)},
            {"evidence", recorded_json(record.evidence)}};
}

Json value_of(const Plan& plan)
{
    Json actions = Json::array();
    for (const Action& action : plan.actions) {
        actions.push_back(Json::parse(to_json(action)));
    }
    return {{"version", plan.version},
            {"name", plan.name},
            {"hash", plan.hash},
            {"notes", plan.notes},
            {"actions", std::move(actions)}};
}

Json value_of(const VerifyReport& report)
{
    return {{"passed", report.passed()},
            {"rows", report.rows},
            {"failures", report.failures},
            {"failed_keys", report.failed_keys},
            {"set_aside", report.set_aside}};
}

Json value_of(const GateCondition& condition)
{
    return {{"condition", condition.name},
            {"holds", condition.holds},
            {"evidence", condition.evidence},
            {"next", or_null(condition.next)}};
}

Json value_of(const LedgerEntry& entry)
{
    return {{"id", entry.id},
            {"at", entry.at},
            {"actor", entry.actor},
            {"host", entry.host},
            {"verb", entry.verb},
            {"object", entry.object},
            {"from", or_null(entry.from)},
            {"to", or_null(entry.to)},
            {"reason", or_null(entry.reason)},
            {"evidence", recorded_json(entry.evidence)}};
}

Json value_of(const LeaseHolder& holder)
{
    return {{"owner", holder.actor.name},
            {"host", holder.actor.host},
            {"pid", holder.actor.pid},
            {"verb", holder.verb},
            {"heartbeat_at", holder.heartbeat_at},
            {"expires_at", holder.expires_at},
            {"expired", holder.is_expired},
            {"gone", is_gone(holder.actor)}};
}

Json value_of(const BadRow& row)
{
    return {{"key", recorded_json(row.key)},
            {"error", row.error},
            {"tries", row.tries},
            {"resolution", name_of(row.resolution)},
            {"at", row.at}};
}

Json value_of(const BrakeRecord& brake)
{
    if (!brake.is_engaged) {
        return nullptr;
    }
    return {{"actor", brake.actor}, {"reason", or_null(brake.reason)}, {"at", brake.at}};
}

} // namespace sluice
