#include "sluice/plan/planner.h"

#include "sluice/core/error.h"
#include "sluice/db/tokens.h"
#include "sluice/plan/changes/further.h"
#include "sluice/plan/changes/outline.h"
#include "sluice/plan/draft.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/partitions.h"
#include "sluice/plan/replication.h"
#include "sluice/plan/versions.h"
#include "sluice/plan/written.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

/// The error with its place in the file, for what is found by those who know only the database.
Error located(const Location& location, const Error& error)
{
    const std::string place = location.display() + ": ";
    if (error.message.rfind(place, 0) == 0) {
        return error;
    }
    return {error.kind, place + error.message, error.details};
}

template <class Kind>
Site site_of(const Kind& kind, const Change& change, const Ground& ground,
             const std::string& sync_name)
{
    return {.table = require_table(ground.catalog, kind.table, change.location),
            .catalog = ground.catalog,
            .dialect = ground.dialect,
            .location = change.location,
            .sync_name = sync_name,
            .changes = ground.changes};
}

template <class Kind>
Outline outline_on(const Kind& kind, const Change& change, const Ground& ground,
                   const std::string& sync_name)
{
    if constexpr (MakesTable<Kind>) {
        return outline(kind, ground);
    } else {
        return outline(kind, site_of(kind, change, ground, sync_name));
    }
}

template <class Kind>
std::vector<Action> further_on(const Kind& kind, const Change& change, const Ground& ground,
                               const std::string& sync_name)
{
    if constexpr (HasFurtherActions<Kind>) {
        return further_actions(kind, site_of(kind, change, ground, sync_name));
    } else {
        return {};
    }
}

Outline outline_at(const Change& change, const Ground& ground, const std::string& sync_name)
{
    try {
        Outline made = std::visit(
            [&](const auto& kind) { return outline_on(kind, change, ground, sync_name); },
            change.kind);
        made.location = change.location;
        refuse_on_partitions(made, ground);
        refuse_unfired_triggers(made, ground);
        return made;
    } catch (const Error& error) {
        throw located(change.location, error);
    }
}

std::string sync_name_of(const Migration& migration, std::size_t change)
{
    return fmt::format("{}_{}", migration.version, change + 1);
}

std::vector<Outline> outlines_of(const Migration& migration, const Catalog& catalog,
                                 const Dialect& dialect)
{
    std::vector<Outline> outlines;
    for (std::size_t i = 0; i < migration.changes.size(); ++i) {
        const Change& change = migration.changes[i];
        const Ground ground{.catalog = catalog,
                            .dialect = dialect,
                            .location = change.location,
                            .changes = migration.changes};
        outlines.push_back(outline_at(change, ground, sync_name_of(migration, i)));
    }
    return outlines;
}

/// Of all phases.
std::vector<Action> further_of(const Migration& migration, const Catalog& catalog,
                               const Dialect& dialect)
{
    std::vector<Action> further;
    for (std::size_t i = 0; i < migration.changes.size(); ++i) {
        const Change& change = migration.changes[i];
        const Ground ground{.catalog = catalog,
                            .dialect = dialect,
                            .location = change.location,
                            .changes = migration.changes};
        const std::vector<Action> more = std::visit(
            [&](const auto& kind) {
                return further_on(kind, change, ground, sync_name_of(migration, i));
            },
            change.kind);
        further.insert(further.end(), more.begin(), more.end());
    }
    return further;
}

std::vector<Subject> subjects_of(const Outline& outline)
{
    std::vector<Subject> subjects{{outline.table, outline.columns, outline.reads}};
    subjects.insert(subjects.end(), outline.elsewhere.begin(), outline.elsewhere.end());
    return subjects;
}

bool is_about(const Outline& outline, const TableName& table)
{
    const std::vector<Subject> subjects = subjects_of(outline);
    const auto& whole = outline.whole_tables;
    return std::find(whole.begin(), whole.end(), table) != whole.end() ||
           std::any_of(subjects.begin(), subjects.end(),
                       [&](const Subject& subject) { return subject.table == table; });
}

/// What makes, renames or drops a table stands alone with it.
void refuse_overlap(const Migration& migration, const Outline& whole, const Outline& other,
                    std::size_t at)
{
    for (const TableName& table : whole.whole_tables) {
        if (is_about(other, table)) {
            refuse_at(migration.changes[at].location,
                      fmt::format("two changes of one migration meet in table \"{}\", and one of "
                                  "them is about the whole of it",
                                  display(table)),
                      "Make them one after the other, in a migration each.");
        }
    }
}

void refuse_overlap(const Location& location, const Subject& one, const Subject& other,
                    Engine engine)
{
    if (one.table != other.table) {
        return;
    }
    for (const std::string& column : other.columns) {
        if (mentions(one.reads, column, engine) || contains(one.columns, column)) {
            refuse_at(location,
                      fmt::format("two changes of one migration meet in column \"{}\" of "
                                  "table \"{}\"",
                                  column, display(one.table)),
                      "Make them one after the other, in a migration each.");
        }
    }
}

/// Changes of one migration are made side by side, so that none may stand on another.
void refuse_overlap(const Migration& migration, const std::vector<Outline>& outlines,
                    const Dialect& dialect)
{
    for (std::size_t i = 0; i < outlines.size(); ++i) {
        for (std::size_t j = 0; j < outlines.size(); ++j) {
            if (i == j) {
                continue;
            }
            refuse_overlap(migration, outlines[i], outlines[j], std::max(i, j));
            for (const Subject& one : subjects_of(outlines[i])) {
                for (const Subject& other : subjects_of(outlines[j])) {
                    refuse_overlap(migration.changes[std::max(i, j)].location, one, other,
                                   dialect.server().engine);
                }
            }
        }
    }
}

void add_groups(Draft& draft, Phase phase, const std::vector<Outline>& outlines,
                std::vector<Group> Outline::*stage)
{
    for (const Outline& outline : outlines) {
        try {
            for (const Group& group : outline.*stage) {
                draft.add(phase, group);
            }
        } catch (const Error& error) {
            throw located(outline.location, error);
        }
    }
}

void add_actions(Draft& draft, const std::vector<Outline>& outlines,
                 std::vector<Action> Outline::*stage)
{
    for (const Outline& outline : outlines) {
        for (const Action& action : outline.*stage) {
            draft.add(action);
        }
    }
}

void add_further(Draft& draft, Phase phase, const std::vector<Action>& further)
{
    for (const Action& action : further) {
        if (action.phase == phase) {
            draft.add(action);
        }
    }
}

void add_expand(Draft& draft, const Migration& migration, const std::vector<Outline>& outlines,
                const std::vector<Action>& further)
{
    add_groups(draft, Phase::expand, outlines, &Outline::expand);
    add_further(draft, Phase::expand, further);
    add_actions(draft, outlines, &Outline::expand_undo);
    for (const SqlStep& step : migration.expand) {
        add_statement(draft, Phase::expand, step);
    }
}

/// Does the file itself say what must hold for the table?
bool is_verified(const Migration& migration, const TableName& table)
{
    return std::any_of(migration.verifications.begin(), migration.verifications.end(),
                       [&](const VerifyStep& step) { return step.table == table; });
}

void add_migrate(Draft& draft, const Migration& migration, const std::vector<Outline>& outlines)
{
    const std::string made = expand_sql(migration, draft.dialect());
    add_actions(draft, outlines, &Outline::backfills);
    for (const BackfillStep& step : migration.backfills) {
        add_backfill(draft, step, made);
    }
    add_groups(draft, Phase::migrate, outlines, &Outline::indexes);
    add_actions(draft, outlines, &Outline::verifications);
    for (const BackfillStep& step : migration.backfills) {
        if (!is_verified(migration, step.table)) {
            add_verification(draft, step);
        }
    }
    for (const VerifyStep& step : migration.verifications) {
        add_verification(draft, step);
    }
}

/// What may fail comes first, what cannot be taken back last.
void add_contract(Draft& draft, const Migration& migration, const std::vector<Outline>& outlines,
                  const std::vector<Action>& further, const Versions& versions)
{
    add_groups(draft, Phase::contract, outlines, &Outline::validations);
    add_actions(draft, outlines, &Outline::validated);
    add_versions_before_swap(draft, versions);
    add_groups(draft, Phase::contract, outlines, &Outline::contract);
    add_further(draft, Phase::contract, further);
    add_versions_after_swap(draft, versions);
    add_actions(draft, outlines, &Outline::contract_undo);
    for (const SqlStep& step : migration.contract) {
        add_statement(draft, Phase::contract, step);
    }
}

/// With its schema of views made at the end of expand.
Versions versions_of_file(const Migration& migration, const std::vector<Outline>& outlines,
                          Draft& draft)
{
    try {
        Versions versions = versions_of(migration, outlines, draft.catalog(), draft.dialect());
        add_version_made(draft, versions);
        return versions;
    } catch (const Error& error) {
        throw located({.file = migration.file}, error);
    }
}

void add_notes(Draft& draft, const Catalog& catalog, const std::vector<Outline>& outlines)
{
    for (const Outline& outline : outlines) {
        for (const Action& action : outline.backfills) {
            const auto* work = std::get_if<BackfillWork>(&action.work);
            if (work != nullptr && !work->into) { // a table that the plan makes has none
                note_triggers(draft, *catalog.find(work->table),
                              work->kind == BackfillKind::remove ? "DELETE" : "UPDATE");
            }
        }
        for (const std::string& note : outline.notes) {
            draft.note(note);
        }
        for (const std::string& note : notes_for_subscribers(outline, catalog)) {
            draft.note(note);
        }
    }
}

} // namespace

Plan make_plan(const Migration& migration, const Catalog& catalog, const Dialect& dialect)
{
    const std::vector<Outline> outlines = outlines_of(migration, catalog, dialect);
    refuse_overlap(migration, outlines, dialect);
    Draft draft(catalog, dialect);
    const std::vector<Action> further = further_of(migration, catalog, dialect);
    add_expand(draft, migration, outlines, further);
    const Versions versions = versions_of_file(migration, outlines, draft);
    add_migrate(draft, migration, outlines);
    add_contract(draft, migration, outlines, further, versions);
    add_versions_purged(draft, versions);
    add_groups(draft, Phase::purge, outlines, &Outline::purge);
    add_further(draft, Phase::purge, further);
    add_notes(draft, catalog, outlines);
    Plan plan = draft.take();
    plan.version = migration.version;
    plan.name = migration.name;
    plan.hash = migration.hash;
    return plan;
}

} // namespace sluice
