#include "sluice/run/begin.h"

#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/plan/planner.h"
#include "sluice/run/drift.h"
#include "sluice/run/resume.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

/// The catalog is kept up from migration to migration; where it may have missed something (a user's
/// statement that renames a table), the whole is read again before the plan is given up.
Plan plan_on_fresh_ground(Workplace& workplace, const Migration& migration)
{
    const Dialect& dialect = workplace.session().dialect();
    try {
        return make_plan(migration, workplace.catalog(), dialect);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::definition) {
            throw;
        }
    }
    workplace.forget_catalog();
    return make_plan(migration, workplace.catalog(), dialect);
}

/// A name that only the plan itself is going to make is not there yet.
bool is_expected(const Error& error, const SyntaxProbe& probe)
{
    return error.details.cause == Cause::unknown_object &&
           std::any_of(probe.made_by_plan.begin(), probe.made_by_plan.end(),
                       [&](const std::string& name) {
                           return error.message.find(name) != std::string::npos;
                       });
}

void check_sql(Workplace& workplace, const Migration& migration)
{
    Session& session = workplace.session();
    for (const SyntaxProbe& probe :
         syntax_probes(migration, workplace.catalog(), session.dialect())) {
        try {
            session.check_syntax(probe.sql);
        } catch (const Error& error) {
            if (is_expected(error, probe)) {
                continue;
            }
            if (error.kind != ErrorKind::sql) {
                throw;
            }
            throw Error(
                ErrorKind::definition,
                fmt::format("{}: {}: {}", probe.location.display(), probe.what, error.message),
                {.hint = "Nothing was changed. Correct the file and run the same command "
                         "again.",
                 .statement = probe.sql,
                 .sqlstate = error.details.sqlstate,
                 .native_code = error.details.native_code,
                 .cause = error.details.cause});
        }
    }
}

/// After a crash in its middle nobody could tell whether such a statement took effect.
void refuse_untellable(const Plan& plan)
{
    for (const Action& action : plan.actions) {
        const auto* work = std::get_if<SchemaWork>(&action.work);
        if (work != nullptr && work->mode != Mode::atomic && action.tables.empty() &&
            has_unguarded_step(*work)) {
            throw Error(ErrorKind::refused,
                        fmt::format("\"{}\" commits by itself, and after a crash no table would "
                                    "tell whether it took effect",
                                    action.summary),
                        {.hint = "Add done = \"SELECT …\" to it, a query that returns 1 once it "
                                 "has taken effect, and run `sluice apply` again."});
        }
    }
}

} // namespace

void refuse_edited(const Migration& migration, const MigrationRecord& record)
{
    if (record.state == State::pending || record.hash == migration.hash) {
        return;
    }
    throw Error(ErrorKind::refused,
                fmt::format("{} was edited after migration \"{}\" had begun", migration.file,
                            migration.version),
                {.hint = fmt::format("Restore the file as it was applied; or take the migration "
                                     "back with the old file and `sluice rollback {}`, then apply "
                                     "the new one; or put the change into a new migration.",
                                     migration.version)});
}

void refuse_late(const Migration& migration, const std::vector<MigrationRecord>& records,
                 const RunnerOptions& options)
{
    if (options.allow_late) {
        return;
    }
    for (const MigrationRecord& record : records) {
        if (record.state != State::pending &&
            compare_versions(record.version, migration.version) > 0) {
            throw Error(ErrorKind::refused,
                        fmt::format("{} sorts before migration \"{}\", which has been applied",
                                    migration.file, record.version),
                        {.hint = "Rename the file so that it sorts last, or apply it all the same "
                                 "with --allow-late."});
        }
    }
}

MigrationRecord begin_migration(Workplace& workplace, const Migration& migration)
{
    const Plan plan = plan_on_fresh_ground(workplace, migration);
    refuse_untellable(plan);
    check_sql(workplace, migration);
    MigrationRecord record;
    record.version = migration.version;
    record.name = migration.name;
    record.hash = migration.hash;
    workplace.transition(record, State::expanding, [&] {
        workplace.history().record(migration, plan);
        adopt_tables(workplace, migration.version, plan.tables);
    });
    return record;
}

} // namespace sluice
