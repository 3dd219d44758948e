// The written-out steps that walk a table: [[backfill]] and [[verify]].

#include "sluice/db/tokens.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"
#include "sluice/plan/written.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

using Assignments = std::vector<std::pair<std::string, std::string>>;

/// Refuses a column that neither the table has nor the file's own expand statements make.
void check_target_column(const Table& table, const std::string& column,
                         const std::string& expand_sql, const Dialect& dialect,
                         const Location& location)
{
    if (!mentions(expand_sql, column, dialect.server().engine)) {
        (void)require_column(table, column, location);
    }
}

Assignments texts_of(const BackfillStep& step, const Dialect& dialect)
{
    Assignments set;
    for (const auto& [column, text] : step.set) {
        set.emplace_back(
            column, require_text(text, dialect, fmt::format("`set.{}`", column), step.location));
    }
    return set;
}

bool sets(const Assignments& set, const std::string& column)
{
    return std::any_of(set.begin(), set.end(),
                       [&](const auto& assignment) { return assignment.first == column; });
}

Assignments assignments_in_place(const BackfillStep& step, const Table& table,
                                 const std::vector<Column>& key, const std::string& expand_sql,
                                 const Dialect& dialect)
{
    Assignments set = texts_of(step, dialect);
    for (const auto& [column, text] : set) {
        check_target_column(table, column, expand_sql, dialect, step.location);
    }
    for (const Column& column : key) {
        if (sets(set, column.name)) {
            refuse_at(step.location,
                      fmt::format("the backfill of table \"{}\" sets \"{}\", by which it walks",
                                  display(table.name), column.name),
                      "Walk by another unique key with key = [\"…\"], or leave the column alone.");
        }
    }
    for (const Column& column : table.columns) {
        if (column.on_update_now && !sets(set, column.name)) {
            set.emplace_back(column.name, dialect.quote(column.name));
        }
    }
    return set;
}

/// The columns of the target that are given a column of the source's key as it is.
std::vector<std::string> mapped_key(const Assignments& set, const std::vector<Column>& key,
                                    const Dialect& dialect)
{
    std::vector<std::string> mapped;
    for (const Column& column : key) {
        for (const auto& [target, text] : set) {
            if (text == column.name || text == dialect.quote(column.name)) {
                mapped.push_back(target);
                break;
            }
        }
    }
    return mapped.size() == key.size() ? mapped : std::vector<std::string>{};
}

bool sets_all(const Assignments& set, const std::vector<std::string>& columns)
{
    return std::all_of(columns.begin(), columns.end(),
                       [&](const std::string& column) { return sets(set, column); });
}

std::vector<std::string> key_of_known_target(const Table& target, const Assignments& set,
                                             const Dialect& dialect, const Location& location)
{
    refuse_unwalkable(target, location);
    for (const std::vector<std::string>& key : usable_keys(target, dialect)) {
        if (sets_all(set, key)) {
            return key;
        }
    }
    refuse_at(
        location,
        fmt::format("the backfill into \"{}\" sets all columns of none of its unique keys, so "
                    "that a row that is there could not be told from one that is not",
                    display(target.name)),
        target.primary_key.empty()
            ? "Add a primary key, or a unique index over NOT NULL columns, to the target."
            : fmt::format("Give {} a value in `set`.", quoted_names(target.primary_key)));
}

std::vector<std::string> key_of_target(const Draft& draft, const BackfillStep& step,
                                       const Assignments& set, const std::vector<Column>& key,
                                       const std::string& expand_sql)
{
    const Dialect& dialect = draft.dialect();
    if (const Table* target = draft.find(*step.into)) {
        for (const auto& [column, text] : set) {
            check_target_column(*target, column, expand_sql, dialect, step.location);
        }
        return key_of_known_target(*target, set, dialect, step.location);
    }
    if (!mentions(expand_sql, step.into->name, dialect.server().engine)) {
        (void)require_table(draft.catalog(), *step.into, step.location);
    }
    const std::vector<std::string> mapped = mapped_key(set, key, dialect);
    if (mapped.empty()) {
        refuse_at(step.location,
                  fmt::format("the key of \"{}\", which this migration makes, cannot be told from "
                              "the backfill",
                              display(*step.into)),
                  "Give the source's key columns to the target's as they are, or make the table in "
                  "an earlier migration.");
    }
    return mapped;
}

std::string summary_of(const BackfillStep& step, const Table& table)
{
    switch (step.kind) {
    case BackfillKind::set: {
        std::vector<std::string> columns;
        for (const auto& [column, text] : step.set) {
            columns.push_back(column);
        }
        return fmt::format("backfill {} of \"{}\"", quoted_names(columns), display(table.name));
    }
    case BackfillKind::into:
        return fmt::format("copy rows of \"{}\" into \"{}\"", display(table.name),
                           display(*step.into));
    case BackfillKind::remove:
        return fmt::format("delete rows of \"{}\"", display(table.name));
    }
    return {};
}

/// What a person should know about a backfill that a rollback does not take back.
void note_backfill(Draft& draft, const BackfillStep& step, const Table& table)
{
    const std::string shown = display(table.name);
    if (step.kind == BackfillKind::remove) {
        draft.note(
            fmt::format("Rows deleted from \"{}\" do not come back: rollback stops there.", shown));
    }
    if (step.once) {
        draft.note(
            fmt::format("The backfill of \"{}\" makes one pass: rows whose key changes while "
                        "it works may be passed over, and rollback stops there.",
                        shown));
    }
    const bool overwrites =
        std::any_of(step.set.begin(), step.set.end(), [&](const auto& assignment) {
            return table.find(assignment.first) != nullptr;
        });
    if (step.kind == BackfillKind::set && !step.once && overwrites) {
        draft.note(fmt::format("Values that the backfill of \"{}\" writes into columns that are "
                               "there already stay after a rollback.",
                               shown));
    }
    if (step.kind == BackfillKind::into && draft.find(*step.into) != nullptr) {
        draft.note(fmt::format("Rows that the backfill copies into \"{}\" stay after a rollback.",
                               display(*step.into)));
    }
    if (step.kind != BackfillKind::into) {
        note_triggers(draft, table, step.kind == BackfillKind::remove ? "DELETE" : "UPDATE");
    }
}

/// Throws for a table that is not there, unless the file's own expand statements make it.
const Table& walked_table(const Draft& draft, const TableName& name, const Location& location)
{
    (void)require_table(draft.catalog(), name, location);
    const Table& table = *draft.find(name);
    refuse_unwalkable(table, location);
    return table;
}

} // namespace

void note_triggers(Draft& draft, const Table& table, std::string_view event)
{
    std::vector<std::string> firing;
    for (const Trigger& trigger : table.triggers) {
        if (trigger.event.find(event) != std::string::npos) {
            firing.push_back(trigger.name);
        }
    }
    if (!firing.empty()) {
        draft.note(fmt::format(
            "The backfill of \"{}\" fires its {} trigger{} {} for every row that "
            "it changes.",
            display(table.name), event, firing.size() == 1 ? "" : "s", quoted_names(firing)));
    }
}

void add_backfill(Draft& draft, const BackfillStep& step, const std::string& expand_sql)
{
    const Dialect& dialect = draft.dialect();
    const Table& table = walked_table(draft, step.table, step.location);
    BackfillWork work{.kind = step.kind,
                      .table = table.name,
                      .key = choose_key(table, step.key, dialect, step.location),
                      .set = {},
                      .into = {},
                      .into_key = {},
                      .needs_work =
                          optional_text(step.where, dialect, "`where`", step.location).value_or(""),
                      .once = step.once};
    if (step.kind == BackfillKind::set) {
        work.set = assignments_in_place(step, table, work.key, expand_sql, dialect);
    } else if (step.kind == BackfillKind::into) {
        work.set = texts_of(step, dialect);
        work.into_key = key_of_target(draft, step, work.set, work.key, expand_sql);
        const Table* target = draft.find(*step.into);
        work.into = target == nullptr ? *step.into : target->name;
    }
    note_backfill(draft, step, table);
    Action action{
        .phase = Phase::migrate, .summary = summary_of(step, table), .tables = {table.name}};
    if (work.into) {
        action.tables.push_back(*work.into);
    }
    action.irreversible = step.once || step.kind == BackfillKind::remove;
    action.work = std::move(work);
    draft.add(std::move(action));
}

void add_verification(Draft& draft, const BackfillStep& step)
{
    if (step.kind != BackfillKind::set || step.once || !step.where) {
        return;
    }
    const Dialect& dialect = draft.dialect();
    const Table& table = walked_table(draft, step.table, step.location);
    const std::string where = require_text(*step.where, dialect, "`where`", step.location);
    const std::string about = fmt::format("no row of \"{}\" still needs work", display(table.name));
    draft.add({.phase = Phase::migrate,
               .summary = "verify that " + about,
               .work = VerifyWork{.table = table.name,
                                  .key = choose_key(table, step.key, dialect, step.location),
                                  .expect = fmt::format("({}) IS NOT TRUE", where),
                                  .about = about},
               .undo = {},
               .tables = {table.name}});
}

void add_verification(Draft& draft, const VerifyStep& step)
{
    const Dialect& dialect = draft.dialect();
    const Table& table = walked_table(draft, step.table, step.location);
    const std::string expect = require_text(step.expect, dialect, "`expect`", step.location);
    draft.add({.phase = Phase::migrate,
               .summary = fmt::format("verify every row of \"{}\"", display(table.name)),
               .work = VerifyWork{.table = table.name,
                                  .key = choose_key(table, step.key, dialect, step.location),
                                  .expect = expect,
                                  .about = expect},
               .undo = {},
               .tables = {table.name}});
}

} // namespace sluice
