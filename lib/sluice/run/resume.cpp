#include "sluice/run/resume.h"

#include "sluice/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sluice {

std::string fingerprints(Session& session, const std::vector<TableName>& tables)
{
    if (tables.empty()) {
        return {};
    }
    const Catalog catalog = read_catalog(session, tables);
    nlohmann::json texts = nlohmann::json::object();
    for (const TableName& name : tables) {
        const Table* table = catalog.find(name);
        texts[display(name)] = table == nullptr ? "" : fingerprint(*table);
    }
    return texts.dump();
}

bool is_in_effect(Session& session, const Step& step)
{
    if (step.done.empty()) {
        return false;
    }
    const Rows rows = session.query(step.done);
    return !rows.empty() && !rows[0].empty() && rows[0][0] == "1";
}

void end_predecessor(Workplace& workplace, const ActionRecord& record)
{
    Session& session = workplace.session();
    if (record.connection_id != session.connection_id()) {
        end_session(session, workplace.surroundings().clock, record.connection_id);
    }
}

bool took_effect(Workplace& workplace, const ActionRecord& record)
{
    if (record.fingerprint.empty()) {
        throw Error(
            ErrorKind::refused,
            fmt::format("\"{}\" was under way when an earlier run ended, and no table tells "
                        "whether it took effect",
                        record.action.summary),
            {.hint = "Add done = \"SELECT …\" to the statement in the migration file, a "
                     "query that returns 1 once it has taken effect, or finish or undo it "
                     "by hand."});
    }
    return fingerprints(workplace.session(), record.action.tables) != record.fingerprint;
}

void refuse_half_built(Workplace& workplace, const ActionRecord& record)
{
    const Catalog catalog = read_catalog(workplace.session(), record.action.tables);
    for (const Table& table : catalog.tables) {
        const auto half = std::find_if(table.indexes.begin(), table.indexes.end(),
                                       [](const Index& index) { return !index.valid; });
        if (half != table.indexes.end()) {
            throw Error(
                ErrorKind::refused,
                fmt::format("\"{}\" was under way when an earlier run ended, and index \"{}\" of "
                            "table \"{}\" was left unfinished",
                            record.action.summary, half->name, display(table.name)),
                {.hint = fmt::format("Drop it (DROP INDEX CONCURRENTLY {}) and run the same "
                                     "command again.",
                                     workplace.session().dialect().quote(
                                         TableName{table.name.schema, half->name}))});
        }
    }
}

bool has_unguarded_step(const SchemaWork& work)
{
    return std::any_of(work.steps.begin(), work.steps.end(),
                       [](const Step& step) { return step.done.empty() && !step.is_repeatable; });
}

} // namespace sluice
