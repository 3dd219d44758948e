#include "sluice/run/gate.h"

#include "sluice/core/counted.h"
#include "sluice/core/error.h"
#include "sluice/run/drift.h"
#include "sluice/state/bad_rows.h"
#include "sluice/state/history.h"
#include "sluice/state/runs.h"
#include "sluice/state/schema.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

struct Evidence {
    Session& session;
    const Migration& migration;
    const MigrationRecord& record;
    const std::vector<ActionRecord>& actions;
};

std::string command(std::string_view verb, const Migration& migration)
{
    return fmt::format("`sluice {} {}`", verb, migration.version);
}

GateCondition is_migrated(const Evidence& found)
{
    if (found.record.state == State::baselined) {
        return {"the migration is migrated", false, "it was applied before sluice took over",
                "a new migration that changes the schema further"};
    }
    return {"the migration is migrated", found.record.state == State::migrated,
            fmt::format("it is {} since {}", name_of(found.record.state), found.record.changed_at),
            command("migrate", found.migration)};
}

GateCondition backfills_done(const Evidence& found)
{
    GateCondition condition{"backfills are done", true, "", command("migrate", found.migration)};
    for (const ActionRecord& action : found.actions) {
        if (!std::holds_alternative<BackfillWork>(action.action.work)) {
            continue;
        }
        const auto run = Runs(found.session).find(found.record.version, action.action.ordinal);
        const bool is_done =
            action.state == ActionState::done && run && run->state == RunState::done;
        condition.holds = condition.holds && is_done;
        condition.evidence += condition.evidence.empty() ? "" : "; ";
        condition.evidence +=
            !run ? fmt::format("action {} has not begun", action.action.ordinal)
                 : fmt::format("run {}: {} looked at, {} changed, {}{}{}", run->id,
                               counted(run->rows_scanned, "row"), readable(run->rows_changed),
                               name_of(run->state), run->finished_at.empty() ? "" : " ",
                               run->finished_at);
    }
    if (condition.evidence.empty()) {
        condition.evidence = "it has none";
    }
    return condition;
}

GateCondition no_bad_rows(const Evidence& found)
{
    GateCondition condition{"no bad rows are open", true, "", ""};
    for (const RunRecord& run : Runs(found.session).all()) {
        const std::vector<BadRow> rows = run.version == found.record.version
                                             ? BadRows(found.session).list(run.id)
                                             : std::vector<BadRow>{};
        if (rows.empty()) {
            continue;
        }
        const auto open = std::count_if(rows.begin(), rows.end(), [](const BadRow& row) {
            return row.resolution == Resolution::open;
        });
        if (open > 0 && condition.holds) {
            condition.holds = false;
            condition.next = fmt::format("`sluice quarantine list {}`", run.id);
        }
        condition.evidence += condition.evidence.empty() ? "" : "; ";
        condition.evidence += fmt::format("run {}: {} set aside, {} open", run.id,
                                          counted(std::ssize(rows), "row"), open);
    }
    if (condition.evidence.empty()) {
        condition.evidence = "there are none";
    }
    return condition;
}

std::string last_backfill_at(const std::vector<ActionRecord>& actions)
{
    std::string last;
    for (const ActionRecord& action : actions) {
        if (std::holds_alternative<BackfillWork>(action.action.work)) {
            last = std::max(last, action.finished_at);
        }
    }
    return last;
}

GateCondition verified(const Evidence& found)
{
    GateCondition condition{"verified after the last backfill", true, "",
                            command("verify", found.migration)};
    const std::string since = last_backfill_at(found.actions);
    for (const ActionRecord& action : found.actions) {
        // What is verified in contract is about what contract itself adds.
        if (!std::holds_alternative<VerifyWork>(action.action.work) ||
            action.action.phase != Phase::migrate) {
            continue;
        }
        const bool is_current = action.state == ActionState::done && action.finished_at >= since;
        condition.holds = condition.holds && is_current;
        condition.evidence += condition.evidence.empty() ? "" : "; ";
        condition.evidence +=
            fmt::format("{}: {}", action.action.summary,
                        is_current                            ? "passed " + action.finished_at
                        : action.state == ActionState::failed ? "failed: " + action.error
                                                              : "not verified since");
    }
    if (condition.evidence.empty()) {
        condition.evidence = "there is nothing to verify";
    }
    return condition;
}

GateCondition definition_unchanged(const Evidence& found)
{
    const bool holds = found.record.hash == found.migration.hash;
    return {"the definition is the one that ran", holds,
            holds
                ? "hash " + found.record.hash.substr(0, 12)
                : fmt::format("{} was edited: hash {}, applied {}", found.migration.file,
                              found.migration.hash.substr(0, 12), found.record.hash.substr(0, 12)),
            "restore the file as it was applied"};
}

GateCondition no_drift(const Evidence& found)
{
    const std::vector<TableName> tables = tables_of(found.actions);
    const std::vector<Drift> drift =
        tables.empty() ? std::vector<Drift>{}
                       : find_drift(found.session, tables, read_catalog(found.session, tables));
    return {"no drift of the tables touched", drift.empty(),
            drift.empty() ? counted(std::ssize(tables), "table") + " as sluice left them"
                          : describe(drift),
            fmt::format("take that change back, or `sluice contract {} --accept-drift`",
                        found.migration.version)};
}

bool is_true(const Value& value)
{
    return value && *value != "0" && *value != "f" && *value != "false" && !value->empty();
}

/// By the server's clock, in the database's own comparison.
GateCondition soaked(const Evidence& found, std::chrono::seconds soak)
{
    const Dialect& dialect = found.session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT CASE WHEN " << dialect.now(-soak) << " >= ";
    sql << dialect.literal(found.record.migrated_at) << " THEN 1 ELSE 0 END, " << dialect.now();
    const Rows rows = found.session.query(sql.take());
    const bool holds = !found.record.migrated_at.empty() && is_true(rows[0][0]);
    return {"soak time is over", holds,
            fmt::format("migrated {}, {} to pass, it is {}", found.record.migrated_at, soak,
                        rows[0][1].value_or("")),
            "wait, then " + command("contract", found.migration)};
}

/// Given for this definition, since it was expanded.
std::optional<LedgerEntry> approval_of(Session& session, const MigrationRecord& record)
{
    constexpr int enough = 10'000;
    std::optional<LedgerEntry> approval;
    for (LedgerEntry& entry : read_ledger(session, enough, "migration " + record.version)) {
        if (entry.verb == "approve" && entry.at >= record.expanded_at &&
            nlohmann::json::parse(entry.evidence).value("hash", "") == record.hash) {
            approval = std::move(entry);
        }
    }
    return approval;
}

GateCondition approved(const Evidence& found)
{
    const std::optional<LedgerEntry> approval = approval_of(found.session, found.record);
    return {"approved", approval.has_value(),
            approval
                ? fmt::format("by {} at {}: {}", approval->actor, approval->at, approval->reason)
                : "nobody has approved it",
            fmt::format("`sluice contract {} --approve \"REASON\"`", found.migration.version)};
}

GateCondition own_condition(const Evidence& found, const EngineText& text)
{
    const Server& server = found.session.dialect().server();
    const std::string sql = text.text_for(server.engine, server.is_mariadb).value_or("");
    GateCondition condition{"condition: " + sql, false, "",
                            "make it true, then " + command("contract", found.migration)};
    if (sql.empty()) {
        condition.holds = true;
        condition.evidence = "not for this engine";
        return condition;
    }
    try {
        const Rows rows = found.session.query(sql);
        condition.holds = rows.size() == 1 && rows[0].size() == 1 && is_true(rows[0][0]);
        condition.evidence =
            rows.size() == 1 && rows[0].size() == 1
                ? "it gives " + rows[0][0].value_or("NULL")
                : "it gives " + counted(std::ssize(rows.rows), "row") + ", not one value";
    } catch (const Error& error) {
        condition.evidence = error.message;
    }
    return condition;
}

GateReport not_begun(const Migration& migration)
{
    return {
        {{"the migration is migrated", false, "it has not begun", command("migrate", migration)}}};
}

std::optional<MigrationRecord> find_begun(Session& session, const Migration& migration)
{
    if (!check_state(session)) {
        return std::nullopt;
    }
    std::optional<MigrationRecord> record = History(session).find(migration.version);
    return record && record->state != State::pending ? record : std::nullopt;
}

} // namespace

bool GateReport::is_open() const
{
    return std::all_of(conditions.begin(), conditions.end(),
                       [](const GateCondition& condition) { return condition.holds; });
}

GateReport check_gate(Session& session, const Migration& migration)
{
    const std::optional<MigrationRecord> record = find_begun(session, migration);
    if (!record) {
        return not_begun(migration);
    }
    const std::vector<ActionRecord> actions = History(session).actions(migration.version);
    const Evidence found{session, migration, *record, actions};
    GateReport report{{is_migrated(found), backfills_done(found), no_bad_rows(found),
                       verified(found), definition_unchanged(found), no_drift(found)}};
    if (migration.gate.soak) {
        report.conditions.push_back(soaked(found, *migration.gate.soak));
    }
    for (const EngineText& text : migration.gate.conditions) {
        report.conditions.push_back(own_condition(found, text));
    }
    if (migration.gate.approve) {
        report.conditions.push_back(approved(found));
    }
    return report;
}

void approve(Session& session, const Migration& migration, const Actor& actor,
             const std::string& reason)
{
    const std::optional<MigrationRecord> record = find_begun(session, migration);
    if (!record || record->expanded_at.empty()) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" has not been expanded: there is nothing to "
                                "approve",
                                migration.version),
                    {.hint = command("migrate", migration) + " comes first."});
    }
    if (record->hash != migration.hash) {
        throw Error(ErrorKind::refused,
                    fmt::format("{} is not the file that was applied", migration.file),
                    {.hint = "Restore it as it was applied; an approval is for one definition."});
    }
    append_ledger(session, actor,
                  {.verb = "approve",
                   .object = "migration " + migration.version,
                   .reason = reason,
                   .evidence = nlohmann::json{{"hash", record->hash}}.dump()});
}

} // namespace sluice
