#include "sluice/run/drift.h"

#include "sluice/state/found_tables.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sluice {

namespace {

std::vector<std::string> differences_of(const FoundTable& recorded, const Table* found)
{
    if (!recorded.table && found == nullptr) {
        return {};
    }
    if (found == nullptr) {
        return {"it is missing"};
    }
    if (!recorded.table) {
        return {"it was not there before"};
    }
    return differences(*recorded.table, *found);
}

/// `further`: what else can be done, besides what always can.
Error drift_error(const std::string& version, const std::vector<Drift>& drift,
                  const std::string& further)
{
    return Error(ErrorKind::refused,
                 fmt::format("migration \"{}\": the schema is not as sluice left it: {}", version,
                             describe(drift)),
                 {.hint = "Take that change back and run the same command again; or let it stand "
                          "with --accept-drift" +
                          further + "."});
}

void accept(Workplace& workplace, const std::string& version, const std::vector<TableName>& tables,
            const std::vector<Drift>& drift, const Catalog& found)
{
    nlohmann::json evidence = nlohmann::json::object();
    for (const Drift& one : drift) {
        evidence[display(one.table)] = one.differences;
    }
    workplace.transact([&] {
        record_found(workplace.session(), version, tables, found);
        append_ledger(workplace.session(), workplace.surroundings().options.actor,
                      {.verb = "accept-drift",
                       .object = "migration " + version,
                       .reason = workplace.surroundings().options.reason,
                       .evidence = evidence.dump()});
    });
    workplace.tell(Note{"drift was accepted: " + describe(drift)});
}

/// Is there another migration whose contract is still to come and touches the table?
bool awaits_contract(Workplace& workplace, const std::string& version, const TableName& table)
{
    Session& session = workplace.session();
    Sql sql = session.dialect().sql();
    sql << "SELECT body FROM " << session.dialect().state_table("action") << " WHERE version <> ";
    sql.bind(version) << " AND phase = 'contract' AND state <> 'done'";
    for (const Row& row : session.query(sql.take()).rows) {
        const std::vector<TableName> tables = action_from_json(row[0].value()).tables;
        if (std::find(tables.begin(), tables.end(), table) != tables.end()) {
            return true;
        }
    }
    return false;
}

} // namespace

std::vector<Drift> find_drift(Session& session, const std::vector<TableName>& tables,
                              const Catalog& found)
{
    std::vector<Drift> drift;
    for (const FoundTable& recorded : found_tables(session, tables)) {
        std::vector<std::string> differences = differences_of(recorded, found.find(recorded.name));
        if (!differences.empty()) {
            drift.push_back({recorded.name, std::move(differences)});
        }
    }
    return drift;
}

std::string describe(const std::vector<Drift>& drift)
{
    std::string text;
    for (const Drift& one : drift) {
        text += fmt::format("{}table \"{}\": {}", text.empty() ? "" : ". ", display(one.table),
                            fmt::join(one.differences, "; "));
    }
    return text;
}

std::vector<TableName> tables_of(const std::vector<ActionRecord>& actions)
{
    std::vector<TableName> tables;
    for (const ActionRecord& record : actions) {
        tables.insert(tables.end(), record.action.tables.begin(), record.action.tables.end());
    }
    std::sort(tables.begin(), tables.end());
    tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
    return tables;
}

void refuse_drift(Workplace& workplace, const std::string& version,
                  const std::vector<TableName>& tables)
{
    if (tables.empty()) {
        return;
    }
    const Catalog found = read_catalog(workplace.session(), tables);
    const std::vector<Drift> drift = find_drift(workplace.session(), tables, found);
    if (drift.empty()) {
        return;
    }
    if (!workplace.surroundings().options.accept_drift) {
        throw drift_error(version, drift,
                          "; or take the migration back with `sluice rollback " + version + "`");
    }
    accept(workplace, version, tables, drift, found);
}

void adopt_tables(Workplace& workplace, const std::string& version,
                  const std::vector<TableName>& tables)
{
    const Catalog& found = workplace.catalog();
    std::vector<Drift> drift = find_drift(workplace.session(), tables, found);
    drift.erase(std::remove_if(drift.begin(), drift.end(),
                               [&](const Drift& one) {
                                   return !awaits_contract(workplace, version, one.table);
                               }),
                drift.end());
    if (!drift.empty() && !workplace.surroundings().options.accept_drift) {
        throw drift_error(version, drift, ""); // nothing of it is there to be taken back
    }
    record_found(workplace.session(), version, tables, found);
}

} // namespace sluice
