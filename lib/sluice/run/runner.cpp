#include "sluice/run/runner.h"

#include "sluice/core/error.h"
#include "sluice/db/server_identity.h"
#include "sluice/plan/planner.h"
#include "sluice/run/baseline.h"
#include "sluice/run/begin.h"
#include "sluice/run/phases.h"
#include "sluice/run/rows.h"
#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// What was asked to stop has stopped; anything else goes on up.
template <class Work> RunEnd until_stopped(const Work& work)
{
    try {
        return work();
    } catch (const Error& error) {
        if (error.kind == ErrorKind::interrupted) {
            return RunEnd::interrupted;
        }
        throw;
    }
}

const MigrationRecord* find(const std::vector<MigrationRecord>& records, const std::string& version)
{
    const auto found =
        std::find_if(records.begin(), records.end(),
                     [&](const MigrationRecord& record) { return record.version == version; });
    return found == records.end() ? nullptr : &*found;
}

/// The record of a migration that has begun, its file unchanged.
MigrationRecord begun(Workplace& workplace, const Migration& migration)
{
    const std::optional<MigrationRecord> record = workplace.history().find(migration.version);
    if (!record || record->state == State::pending) {
        throw Error(ErrorKind::refused,
                    fmt::format("migration \"{}\" has not begun", migration.version),
                    {.hint = fmt::format("`sluice migrate {}` expands and migrates it.",
                                         migration.version)});
    }
    refuse_edited(migration, *record);
    refuse_baselined(*record);
    return *record;
}

Plan recorded_plan(const MigrationRecord& record, const std::vector<ActionRecord>& actions)
{
    Plan plan;
    plan.version = record.version;
    plan.name = record.name;
    plan.hash = record.hash;
    for (const ActionRecord& action : actions) {
        plan.actions.push_back(action.action);
        for (const TableName& table : action.action.tables) {
            if (std::find(plan.tables.begin(), plan.tables.end(), table) == plan.tables.end()) {
                plan.tables.push_back(table);
            }
        }
    }
    return plan;
}

/// The migration as it stands, begun now where it had not.
MigrationRecord take_up(Workplace& workplace, const Migration& migration,
                        const std::vector<MigrationRecord>& records)
{
    const MigrationRecord* found = find(records, migration.version);
    if (found != nullptr) {
        refuse_edited(migration, *found);
    }
    MigrationRecord record;
    if (found == nullptr || found->state == State::pending) {
        refuse_late(migration, records, workplace.surroundings().options);
        record = begin_migration(workplace, migration);
    } else {
        record = *found;
    }
    refuse_going_back(record);
    return record;
}

RunEnd migrate_one(Workplace& workplace, const Migration& migration,
                   const std::vector<MigrationRecord>& records)
{
    MigrationRecord record = take_up(workplace, migration, records);
    return migrate_phase(workplace, migration, record);
}

} // namespace

Runner::Runner(Connect connect, Clock& clock, Listener& listener, std::stop_token stop,
               const std::vector<Migration>& migrations, RunnerOptions options)
    : connect_(to_one_database(std::move(connect)))
    , clock_(clock)
    , listener_(listener)
    , stop_(std::move(stop))
    , migrations_(migrations)
    , options_(std::move(options))
{
}

Surroundings Runner::surroundings() const
{
    return {connect_, clock_, listener_, stop_, options_};
}

Plan Runner::plan(const Migration& migration)
{
    Session session = connect_({.purpose = "plan"});
    if (check_state(session)) {
        History history(session);
        const std::optional<MigrationRecord> record = history.find(migration.version);
        if (record && record->state != State::pending) {
            return recorded_plan(*record, history.actions(migration.version));
        }
    }
    const Catalog catalog = read_catalog(session);
    Plan plan = make_plan(migration, catalog, session.dialect());
    check_sql(session, catalog, migration);
    return plan;
}

RunEnd Runner::expand(const Migration& migration)
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "expand");
        MigrationRecord record = take_up(workplace, migration, workplace.history().all());
        expand_phase(workplace, record);
        return RunEnd::done;
    });
}

RunEnd Runner::migrate(const Migration& migration)
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "migrate");
        return migrate_one(workplace, migration, workplace.history().all());
    });
}

RunEnd Runner::apply()
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "apply");
        std::vector<MigrationRecord> records = workplace.history().all();
        for (const Migration& migration : migrations_) {
            if (const MigrationRecord* record = find(records, migration.version)) {
                refuse_edited(migration, *record);
            }
        }
        // Late files are judged by what had been applied before this command began.
        for (const Migration& migration : migrations_) {
            workplace.check_stop();
            if (const RunEnd end = migrate_one(workplace, migration, records);
                end != RunEnd::done) {
                return end;
            }
        }
        return RunEnd::done;
    });
}

std::vector<VerifyReport> Runner::verify(const Migration& migration)
{
    Workplace workplace(surroundings(), "verify");
    const MigrationRecord record = begun(workplace, migration);
    return verify_again(workplace, record);
}

RunEnd Runner::contract(const Migration& migration)
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "contract");
        MigrationRecord record = begun(workplace, migration);
        return contract_phase(workplace, migration, record);
    });
}

RunEnd Runner::rollback(const Migration& migration)
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "rollback");
        std::optional<MigrationRecord> record = workplace.history().find(migration.version);
        if (!record || record->state == State::pending) {
            workplace.tell(Note{fmt::format("migration \"{}\" is pending: there is nothing to take "
                                            "back",
                                            migration.version)});
            return RunEnd::done;
        }
        return go_back(workplace, migration, *record);
    });
}

RunEnd Runner::purge(const Migration& migration)
{
    return until_stopped([&] {
        Workplace workplace(surroundings(), "purge");
        MigrationRecord record = begun(workplace, migration);
        return purge_phase(workplace, record);
    });
}

std::vector<BaselineMark> Runner::preview_baseline(const std::vector<const Migration*>& chosen)
{
    Session session = connect_({.purpose = "baseline"});
    const bool has_state = check_state(session).has_value();
    return baseline_marks(chosen,
                          has_state ? History(session).all() : std::vector<MigrationRecord>{});
}

std::vector<BaselineMark> Runner::baseline(const std::vector<const Migration*>& chosen)
{
    Workplace workplace(surroundings(), "baseline");
    return mark_baseline(workplace, chosen);
}

std::vector<BaselineMark> Runner::forget_baseline(const std::vector<const Migration*>& chosen)
{
    Workplace workplace(surroundings(), "baseline");
    return unmark_baseline(workplace, chosen);
}

} // namespace sluice
