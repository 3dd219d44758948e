#include "sluice/migration/parts.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

BackfillKind read_backfill_kind(const Section& section)
{
    const bool removes = section.find_flag("delete").value_or(false);
    if (removes) {
        for (const char* key : {"set", "into"}) {
            if (section.has(key)) {
                section.fail_at(
                    key, fmt::format("both \"delete\" and \"{}\"", key),
                    "A backfill either deletes rows or writes them: make it two [[backfill]].");
            }
        }
        return BackfillKind::remove;
    }
    if (!section.has("set")) {
        section.fail(section.has("into") ? "[[backfill]] has \"into\" without \"set\""
                                         : "[[backfill]] says neither \"set\" nor \"delete\"",
                     "Write set = { column = \"SQL expression\" }, or delete = true with `where`.");
    }
    return section.has("into") ? BackfillKind::into : BackfillKind::set;
}

void check_where(const Section& section, const BackfillStep& step)
{
    if (step.once && step.kind != BackfillKind::set) {
        section.fail_at(
            "once", "\"once\" belongs to a backfill that updates rows in place",
            "Remove `once`: skipping what is there, or deleting, is harmless to repeat.");
    }
    if (step.kind == BackfillKind::remove && !step.where) {
        section.fail("a backfill with \"delete\" has no \"where\"",
                     "Say which rows go: where = \"SQL condition\".");
    }
    if (step.kind == BackfillKind::set && !step.where && !step.once) {
        section.fail("a backfill with \"set\" has neither \"where\" nor \"once = true\": nothing "
                     "tells a row that is done from one that is not",
                     "Add where = \"SQL condition\" for the rows that still need work, or once = "
                     "true for a single pass over every row.");
    }
}

void check_key(const Section& section, const BackfillStep& step)
{
    if (step.kind != BackfillKind::set) {
        return;
    }
    for (const auto& [column, expression] : step.set) {
        if (std::find(step.key.begin(), step.key.end(), column) != step.key.end()) {
            section.fail_at(
                "set", fmt::format("\"set\" writes the key column \"{}\"", column),
                "A backfill walks the table in the order of its key and must not change it.");
        }
    }
}

} // namespace

SqlStep read_sql_step(const Section& section)
{
    section.accept_only({"sql", "undo", "done"}, section.title());
    SqlStep step{.sql = section.sql("sql"),
                 .undo = std::nullopt,
                 .irreversible = false,
                 .done = section.find_sql("done"),
                 .location = section.location()};
    if (!section.has("undo")) {
        return step;
    }
    if (!section.is_flag("undo")) {
        step.undo = section.find_sql("undo");
        return step;
    }
    if (section.find_flag("undo").value_or(false)) {
        section.fail_at(
            "undo", "\"undo\": expected SQL text or false, found true",
            "Write the statement that takes this one back, or undo = false where there is none.");
    }
    step.irreversible = true;
    return step;
}

BackfillStep read_backfill(const Section& section)
{
    section.accept_only({"table", "key", "set", "into", "where", "once", "delete"}, "[[backfill]]");
    BackfillStep step{.kind = read_backfill_kind(section),
                      .table = section.table_name("table"),
                      .key = section.find_names("key"),
                      .set = section.find_assignments("set"),
                      .into = section.find_table_name("into"),
                      .where = section.find_sql("where"),
                      .once = section.find_flag("once").value_or(false),
                      .location = section.location()};
    check_where(section, step);
    check_key(section, step);
    return step;
}

VerifyStep read_verify(const Section& section)
{
    section.accept_only({"table", "key", "expect"}, "[[verify]]");
    return {.table = section.table_name("table"),
            .key = section.find_names("key"),
            .expect = section.sql("expect"),
            .location = section.location()};
}

} // namespace sluice
