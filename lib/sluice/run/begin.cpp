#include "sluice/run/begin.h"

#include "sluice/core/error.h"
#include "sluice/db/tokens.h"
#include "sluice/migration/folder.h"
#include "sluice/plan/planner.h"
#include "sluice/run/drift.h"
#include "sluice/run/resume.h"
#include "sluice/run/versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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

/// What the server's message says is missing: the first thing in quotes, else the whole message.
std::string_view missing_in(std::string_view message)
{
    const std::size_t open = message.find_first_of("\"'`");
    if (open == std::string_view::npos) {
        return message;
    }
    const std::size_t close = message.find(message[open], open + 1);
    return message.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
}

/// A name that only the plan itself is going to make is not there yet. It is compared as a word,
/// since every message has a "c" in it, and a word that the server itself puts there says nothing.
bool is_expected(const Error& error, const SyntaxProbe& probe, Engine engine)
{
    constexpr std::string_view own_words = "no such column table relation schema function type "
                                           "procedure view index trigger does not exist";
    // What a way back makes again is there as long as it has not been taken away.
    if (probe.what.ends_with("undo") && error.message.find("already exists") != std::string::npos) {
        return true;
    }
    const std::string_view missing = missing_in(error.message);
    const bool is_quoted = missing.size() != error.message.size();
    return error.details.cause == Cause::unknown_object &&
           std::any_of(probe.made_by_plan.begin(), probe.made_by_plan.end(),
                       [&](const std::string& name) {
                           return mentions(missing, name, engine) &&
                                  (is_quoted || !mentions(own_words, name, engine));
                       });
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

void check_sql(Session& session, const Catalog& catalog, const Migration& migration)
{
    for (const SyntaxProbe& probe : syntax_probes(migration, catalog, session.dialect())) {
        try {
            session.check_syntax(probe.sql);
        } catch (const Error& error) {
            if (is_expected(error, probe, session.dialect().server().engine)) {
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

void refuse_edited(const Migration& migration, const MigrationRecord& record)
{
    if (record.state == State::pending || record.hash == migration.hash) {
        return;
    }
    if (record.state == State::baselined) {
        throw Error(ErrorKind::refused,
                    fmt::format("{} was edited after migration \"{}\" had been marked as applied",
                                migration.file, migration.version),
                    {.hint = fmt::format("Restore the file; or, where the database is as the file "
                                         "says now, mark it anew with `sluice baseline {}`.",
                                         migration.version)});
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
    refuse_unseen_contract(workplace, migration);
    check_sql(workplace.session(), workplace.catalog(), migration);
    MigrationRecord record;
    record.version = migration.version;
    record.name = migration.name;
    record.hash = migration.hash;
    workplace.transition(record, {State::expanding}, [&] {
        workplace.history().record(migration, plan);
        adopt_tables(workplace, migration.version, plan.tables);
    });
    return record;
}

} // namespace sluice
