#include "sluice/run/versions.h"

#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/run/drift.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool waits_for_contract(State state)
{
    switch (state) {
    case State::pending:
    case State::contracted:
    case State::purged:
    case State::baselined:
        return false;
    case State::expanding:
    case State::expanded:
    case State::migrating:
    case State::migrated:
    case State::contracting:
    case State::rolling_back:
    case State::restoring:
        return true;
    }
    throw Error(ErrorKind::internal, "unknown state");
}

bool changes_tables_at_contract(const std::vector<ActionRecord>& actions)
{
    return std::any_of(actions.begin(), actions.end(), [](const ActionRecord& record) {
        const auto* work = std::get_if<SchemaWork>(&record.action.work);
        return record.action.phase == Phase::contract && work != nullptr && !work->steps.empty();
    });
}

bool has_version(const Catalog& catalog, const std::string& migration)
{
    return std::any_of(
        catalog.versions.begin(), catalog.versions.end(),
        [&migration](const VersionSchema& version) { return version.version == migration; });
}

} // namespace

void refuse_unseen_contract(Workplace& workplace, const Migration& migration)
{
    if (!migration.views) {
        return;
    }
    for (const MigrationRecord& record : workplace.history().all()) {
        if (record.version == migration.version || !waits_for_contract(record.state) ||
            has_version(workplace.catalog(), record.version)) {
            continue;
        }
        if (changes_tables_at_contract(workplace.history().actions(record.version))) {
            throw Error(ErrorKind::refused,
                        fmt::format("{}: migration \"{}\" is {} and has no views, so that those of "
                                    "this one would show what it is going to put aside",
                                    migration.file, record.version, name_of(record.state)),
                        {.hint = fmt::format("`sluice contract {}` comes first; or take it back, "
                                             "and say views = true in its file too.",
                                             record.version)});
        }
    }
}

void refuse_under_later_versions(Workplace& workplace, const MigrationRecord& record)
{
    const std::vector<TableName> tables = tables_of(workplace.history().actions(record.version));
    for (const VersionSchema& version : workplace.catalog().versions) {
        const bool is_of_tables =
            std::any_of(tables.begin(), tables.end(), [&](const TableName& table) {
                return table.schema.empty() || table.schema == version.of;
            });
        if (is_of_tables && compare_versions(version.version, record.version) > 0) {
            throw Error(ErrorKind::refused,
                        fmt::format("the views of migration \"{}\" stand on what migration \"{}\" "
                                    "has made",
                                    version.version, record.version),
                        {.hint = fmt::format("`sluice rollback {}` comes first; or drop the schema "
                                             "\"{}\", if nobody uses it any more.",
                                             version.version, version.name)});
        }
    }
}

} // namespace sluice
