#include "sluice/run/reasons.h"

#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/db/lock_holders.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/ledger.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <iterator>

namespace sluice {

namespace {

constexpr std::chrono::seconds a_while{3}; ///< without a batch: then it is worth asking why

std::string server_now(Session& session)
{
    return session.query("SELECT " + session.dialect().now())[0][0].value_or("");
}

/// A recorded time (2026-11-21T04:00:00.123Z) to the second.
std::string shown_time(const std::string& recorded)
{
    std::string text = recorded.substr(0, 19);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::optional<std::chrono::sys_seconds> second_of(const std::string& recorded)
{
    std::tm parts{};
    if (::strptime(recorded.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) {
        return std::nullopt;
    }
    return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

/// Both by the server's clock.
std::optional<std::chrono::seconds> time_between(const std::string& from, const std::string& to)
{
    const auto begin = second_of(from);
    const auto end = second_of(to);
    return begin && end ? std::optional(std::max(*end - *begin, std::chrono::seconds{0}))
                        : std::nullopt;
}

std::string with_reason(std::string text, const std::string& reason)
{
    return reason.empty() ? text : text + ": " + reason;
}

/// The last thing that people did to the run with one of these verbs.
std::optional<LedgerEntry> last_asked(Session& session, std::int64_t run,
                                      const std::vector<std::string>& verbs)
{
    constexpr int enough = 1'000;
    std::optional<LedgerEntry> last;
    for (LedgerEntry& entry : read_ledger(session, enough, fmt::format("run {}", run))) {
        if (std::find(verbs.begin(), verbs.end(), entry.verb) != verbs.end()) {
            last = std::move(entry);
        }
    }
    return last;
}

Reason asked_for(Session& session, const RunRecord& run, const std::string& verb,
                 const std::string& what)
{
    Reason reason{.what = what, .next = fmt::format("sluice resume {}", run.id)};
    if (const auto entry = last_asked(session, run.id, {verb})) {
        reason.what =
            with_reason(fmt::format("{} by {}@{}", what, entry->actor, entry->host), entry->reason);
        reason.since = entry->at;
    }
    return reason;
}

std::vector<Reason> wishes(Session& session, const RunRecord& run)
{
    std::vector<Reason> reasons;
    if (const BrakeRecord brake = read_brake(session); brake.is_engaged) {
        reasons.push_back({with_reason("all runs are stopped by " + brake.actor, brake.reason),
                           brake.at, "sluice stop-all --release"});
    }
    switch (run.desired) {
    case Desired::running:
        break;
    case Desired::paused:
        reasons.push_back(asked_for(session, run, "pause", "paused"));
        break;
    case Desired::cancelled:
        reasons.push_back(asked_for(session, run, "cancel", "cancelled"));
        reasons.back().next += ", or sluice rollback " + run.version;
        break;
    }
    if (run.is_held) {
        reasons.push_back(
            asked_for(session, run, "hold", "held until " + shown_time(run.hold_until)));
    }
    return reasons;
}

std::string worker_of(Session& session)
{
    const auto holder = lease_holder(session);
    if (!holder) {
        return "";
    }
    return fmt::format("; the last one, {} on {} (pid {}), was seen at {}", holder->actor.name,
                       holder->actor.host, holder->actor.pid, shown_time(holder->heartbeat_at));
}

/// Who holds the table's locks for longer than a batch of ours would.
std::vector<Reason> locks(Session& session, const RunRecord& run)
{
    std::vector<LockHolder> holders = lock_holders(session, {run.table});
    holders.erase(std::remove_if(holders.begin(), holders.end(),
                                 [](const LockHolder& holder) {
                                     return holder.program.rfind("sluice", 0) == 0 ||
                                            (holder.age && *holder.age < std::chrono::seconds{1});
                                 }),
                  holders.end());
    if (holders.empty()) {
        return {};
    }
    return {{fmt::format("locks of table \"{}\" are {}", display(run.table),
                         describe(holders, session.dialect().server().engine)),
             "", "end that transaction, or wait for it"}};
}

/// The signals that hold the work, as the run keeps what they last said (throttle/throttle.h).
std::vector<Reason> signals(const RunRecord& run)
{
    std::vector<Reason> reasons;
    const auto last = nlohmann::json::parse(run.signals, nullptr, false);
    if (!last.is_object() || !last.value("holds", false)) {
        return reasons;
    }
    for (const auto& signal : last.value("signals", nlohmann::json::array())) {
        if (signal.contains("since")) {
            reasons.push_back({signal.value("text", ""), signal.value("since", ""), ""});
        }
    }
    return reasons;
}

/// A worker is alive, and still nothing moves.
std::vector<Reason> troubles(Session& session, const Explanation& found)
{
    const RunRecord& run = found.run;
    std::vector<Reason> reasons = signals(run);
    if (reasons.empty() && !run.wait_reason.empty() &&
        wished_wait(run, read_brake(session)).empty()) {
        reasons.push_back(
            {run.wait_reason, run.wait_since, "sluice show " + std::to_string(run.id)});
    }
    if (!run.last_error.empty()) {
        reasons.push_back({"tried again after: " + run.last_error, run.last_progress_at, ""});
    }
    const bool is_stuck = found.last_batch && *found.last_batch >= a_while;
    if (is_stuck || !run.last_error.empty()) {
        const std::vector<Reason> held = locks(session, run);
        std::copy(held.begin(), held.end(), std::back_inserter(reasons));
    }
    if (!is_stuck) {
        return reasons;
    }
    for (const RangeRecord& range : found.ranges) {
        if (range.lease_token.empty() || range.state == RangeState::done) {
            continue;
        }
        const Actor worker = owner_from(range.lease_owner);
        reasons.push_back(
            {fmt::format("range {} is held by {} (pid {}{}), which has changed nothing "
                         "for {} s; retries {}",
                         range.ordinal, worker.host, worker.pid, is_gone(worker) ? ", gone" : "",
                         found.last_batch->count(), range.retries),
             run.last_progress_at, ""});
    }
    return reasons;
}

std::vector<Reason> reasons_of(Session& session, const Explanation& found)
{
    const RunRecord& run = found.run;
    if (run.state == RunState::done) {
        return {};
    }
    if (run.state == RunState::failed) {
        return {{"failed: " + run.last_error, run.finished_at,
                 fmt::format("mend that, then sluice retry {}", run.id)}};
    }
    std::vector<Reason> reasons = wishes(session, run);
    if (!found.is_worked_on) {
        reasons.push_back({"no worker is alive" + worker_of(session), run.last_progress_at,
                           "sluice apply, or sluice work"});
    } else if (reasons.empty()) {
        reasons = troubles(session, found);
    }
    return reasons;
}

std::vector<Reason> bad_rows(Session& session, const RunRecord& run)
{
    const std::int64_t open = BadRows(session).open_count(run.id);
    if (open == 0) {
        return {};
    }
    return {{fmt::format("{} could not be changed, {} allowed", counted(open, "row"),
                         run.bad_rows_allowed),
             "", fmt::format("sluice quarantine list {}", run.id)}};
}

} // namespace

bool is_worked_on(Session& session, const std::vector<RangeRecord>& ranges)
{
    const std::optional<LeaseHolder> holder = lease_holder(session);
    if (holder && !holder->is_expired && !is_gone(holder->actor)) {
        return true;
    }
    const std::string now = server_now(session);
    return std::any_of(ranges.begin(), ranges.end(), [&now](const RangeRecord& range) {
        return range.lease_expires > now && !is_gone(owner_from(range.lease_owner));
    });
}

Explanation explain(Session& session, std::int64_t run)
{
    const std::optional<RunRecord> found = Runs(session).find(run);
    if (!found) {
        throw Error(ErrorKind::usage, fmt::format("there is no run {}", run),
                    {.hint = "`sluice runs` lists them."});
    }
    Explanation explanation{.run = *found, .ranges = Ranges(session).all(run)};
    explanation.is_worked_on = is_worked_on(session, explanation.ranges);
    explanation.last_batch = time_between(found->last_progress_at, server_now(session));
    explanation.reasons = reasons_of(session, explanation);
    const std::vector<Reason> bad = bad_rows(session, *found);
    std::copy(bad.begin(), bad.end(), std::back_inserter(explanation.reasons));
    return explanation;
}

} // namespace sluice
