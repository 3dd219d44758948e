#include "sluice/migration/folder.h"
#include "sluice/run/runner.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"

#include <algorithm>
#include <unordered_map>

namespace sluice {

namespace {

struct Recorded {
    std::unordered_map<std::string, MigrationRecord> records;
    std::unordered_map<std::string, std::string> failures; ///< the first of each migration
    std::string last; ///< the version that sorts last of those that have begun
};

/// A backfill that failed fares as its run does: it was asked for again since, and any worker takes
/// it up, while the action is looked at by the next apply only.
bool is_taken_up(const FailedAction& failed, const std::vector<RunRecord>& runs)
{
    const auto run = std::find_if(runs.rbegin(), runs.rend(), [&failed](const RunRecord& one) {
        return one.version == failed.version && one.ordinal == failed.ordinal;
    });
    return run != runs.rend() && run->state != RunState::failed;
}

Recorded read_recorded(Session& session)
{
    Recorded recorded;
    if (!check_state(session)) {
        return recorded;
    }
    History history(session);
    for (MigrationRecord& record : history.all()) {
        const bool has_begun = record.state != State::pending;
        if (has_begun &&
            (recorded.last.empty() || compare_versions(record.version, recorded.last) > 0)) {
            recorded.last = record.version;
        }
        recorded.records.emplace(record.version, std::move(record));
    }
    const std::vector<FailedAction> failures = history.failed();
    const std::vector<RunRecord> runs =
        failures.empty() ? std::vector<RunRecord>{} : Runs(session).all();
    for (const FailedAction& failed : failures) {
        if (!is_taken_up(failed, runs)) {
            recorded.failures.emplace(failed.version, failed.summary + ": " + failed.error);
        }
    }
    return recorded;
}

void add_recorded(MigrationStatus& status, const MigrationRecord& record, const Recorded& recorded)
{
    status.state = record.state;
    status.changed_at = record.changed_at;
    if (const auto failure = recorded.failures.find(record.version);
        failure != recorded.failures.end()) {
        status.failed_action = failure->second;
    }
}

MigrationStatus status_of(const Migration& migration, const Recorded& recorded)
{
    MigrationStatus status;
    status.version = migration.version;
    status.name = migration.name;
    status.owner = migration.owner;
    status.summary = migration.summary;
    if (const auto found = recorded.records.find(migration.version);
        found != recorded.records.end()) {
        add_recorded(status, found->second, recorded);
        status.is_edited = status.state != State::pending && found->second.hash != migration.hash;
    }
    status.is_late = status.state == State::pending && !recorded.last.empty() &&
                     compare_versions(migration.version, recorded.last) < 0;
    return status;
}

MigrationStatus status_of(const MigrationRecord& record, const Recorded& recorded)
{
    MigrationStatus status;
    status.version = record.version;
    status.name = record.name;
    status.owner = record.owner;
    status.summary = record.summary;
    status.is_missing_file = true;
    add_recorded(status, record, recorded);
    return status;
}

} // namespace

std::vector<MigrationStatus> read_status(Session& session, const std::vector<Migration>& migrations)
{
    Recorded recorded = read_recorded(session);
    std::vector<MigrationStatus> statuses;
    for (const Migration& migration : migrations) {
        statuses.push_back(status_of(migration, recorded));
        recorded.records.erase(migration.version);
    }
    for (const auto& entry : recorded.records) {
        if (entry.second.state != State::pending) {
            statuses.push_back(status_of(entry.second, recorded));
        }
    }
    std::sort(statuses.begin(), statuses.end(),
              [](const MigrationStatus& a, const MigrationStatus& b) {
                  return compare_versions(a.version, b.version) < 0;
              });
    return statuses;
}

} // namespace sluice
