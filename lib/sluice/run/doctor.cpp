#include "sluice/run/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace sluice {

namespace {

std::string_view event_of(BackfillKind kind)
{
    switch (kind) {
    case BackfillKind::set:
        return "UPDATE";
    case BackfillKind::into:
        return "INSERT";
    case BackfillKind::remove:
        return "DELETE";
    }
    return "";
}

bool is_ours(const Trigger& trigger)
{
    return trigger.name.starts_with("sluice_") || trigger.name.starts_with("zzz_sluice_");
}

/// PostgreSQL: once a statement, not once a row.
bool fires_for_statements(const Trigger& trigger)
{
    const std::string first_line = trigger.body.substr(0, trigger.body.find('\n'));
    return first_line.find(" FOR EACH STATEMENT ") != std::string::npos;
}

/// The first of `columns` that the index depends on.
std::optional<std::string> indexed_column(const Index& index,
                                          const std::vector<std::string>& columns)
{
    for (const std::string& column : columns) {
        const bool is_part =
            std::any_of(index.parts.begin(), index.parts.end(),
                        [&](const IndexPart& part) { return part.column == column; });
        const bool is_included =
            std::find(index.included.begin(), index.included.end(), column) != index.included.end();
        if (is_part || is_included) {
            return column;
        }
    }
    return std::nullopt;
}

void add_triggers(std::vector<Finding>& findings, const ChangedTable& changed)
{
    for (const Trigger& trigger : changed.table.triggers) {
        const bool fires = trigger.event.find(event_of(changed.kind)) != std::string::npos;
        if (!fires || is_ours(trigger) || fires_for_statements(trigger)) {
            continue;
        }
        findings.push_back(
            {.severity = Severity::warning,
             .check = "row_trigger",
             .found =
                 fmt::format("trigger \"{}\" of table \"{}\" fires {} {} of a row", trigger.name,
                             display(changed.table.name), trigger.timing, event_of(changed.kind)),
             .harm =
                 "it does its work for every row that the backfill changes: audit rows, queues, "
                 "time stamps",
             .remedy = "see whether it should; smaller batches keep its share of a batch short"});
    }
}

void add_indexes(std::vector<Finding>& findings, const ChangedTable& changed)
{
    if (changed.kind != BackfillKind::set) {
        return;
    }
    for (const Index& index : changed.table.indexes) {
        const std::optional<std::string> column = indexed_column(index, changed.columns);
        if (!column) {
            continue;
        }
        findings.push_back(
            {.severity = Severity::warning,
             .check = "index_on_target",
             .found = fmt::format("index \"{}\" of table \"{}\" contains column \"{}\", which the "
                                  "backfill writes",
                                  index.name, display(changed.table.name), *column),
             .harm = "every changed row is written to the index as well, and on PostgreSQL to all "
                     "others too",
             .remedy = "make the index after the backfill, where nobody needs it before"});
    }
}

std::optional<ChangedTable> changed_table(const BackfillWork& work, const Catalog& catalog)
{
    const Table* table = catalog.find(work.into ? *work.into : work.table);
    if (table == nullptr) {
        return std::nullopt;
    }
    ChangedTable changed{.table = *table, .kind = work.kind, .columns = {}};
    for (const auto& [column, value] : work.set) {
        changed.columns.push_back(column);
    }
    return changed;
}

} // namespace

std::vector<ChangedTable> changed_tables(const std::vector<Plan>& plans, const Catalog& catalog)
{
    std::vector<ChangedTable> tables;
    for (const Plan& plan : plans) {
        for (const Action& action : plan.actions) {
            const auto* work = std::get_if<BackfillWork>(&action.work);
            if (work == nullptr) {
                continue;
            }
            if (std::optional<ChangedTable> changed = changed_table(*work, catalog)) {
                tables.push_back(std::move(*changed));
            }
        }
    }
    return tables;
}

std::vector<Finding> schema_findings(const ChangedTable& changed)
{
    std::vector<Finding> findings;
    add_triggers(findings, changed);
    add_indexes(findings, changed);
    return findings;
}

std::vector<Finding> find_harm(Session& session, const std::vector<Plan>& plans,
                               const FindingLimits& limits)
{
    const std::vector<ChangedTable> changed = changed_tables(plans, read_catalog(session));
    std::vector<Table> tables;
    for (const ChangedTable& one : changed) {
        const bool is_known = std::any_of(tables.begin(), tables.end(), [&](const Table& table) {
            return table.name == one.table.name;
        });
        if (!is_known) {
            tables.push_back(one.table);
        }
    }
    std::vector<Finding> findings = database_findings(session, tables, limits);
    for (const ChangedTable& one : changed) {
        for (Finding& finding : schema_findings(one)) {
            if (std::find(findings.begin(), findings.end(), finding) == findings.end()) {
                findings.push_back(std::move(finding));
            }
        }
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return findings;
}

} // namespace sluice
