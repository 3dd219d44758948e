#include "sluice/core/nearest.h"
#include "sluice/migration/parts.h"

#include <fmt/core.h>

#include <map>
#include <utility>

namespace sluice {

namespace {

AddColumnChange read_add_column(const Section& section)
{
    section.accept_only({"kind", "table", "column", "type", "default", "nullable", "up", "up_ok"},
                        "add_column");
    AddColumnChange change{.table = section.table_name("table"),
                           .column = section.name("column"),
                           .type = section.sql("type"),
                           .default_sql = section.find_sql("default"),
                           .nullable = section.find_flag("nullable").value_or(true),
                           .up = section.find_sql("up"),
                           .up_ok = section.find_sql("up_ok")};
    if (change.up_ok && !change.up) {
        section.fail_at("up_ok", "\"up_ok\" without \"up\"",
                        "`up_ok` says where `up` may be evaluated: add `up`, or remove `up_ok`.");
    }
    return change;
}

RenameColumnChange read_rename_column(const Section& section)
{
    section.accept_only({"kind", "table", "from", "to"}, "rename_column");
    RenameColumnChange change{.table = section.table_name("table"),
                              .from = section.name("from"),
                              .to = section.name("to")};
    if (change.from == change.to) {
        section.fail_at("to", fmt::format("\"from\" and \"to\" are both \"{}\"", change.to),
                        "Give the column another name in `to`.");
    }
    return change;
}

void check_conversion(const Section& section, const ChangeColumnChange& change)
{
    if (!change.type && !change.nullable) {
        section.fail("[[change]] of kind \"change_column\" changes nothing",
                     "Give it a new type, or nullable = true or false.");
    }
    if (change.up_ok && !change.up) {
        section.fail_at("up_ok", "\"up_ok\" without \"up\"",
                        "`up_ok` says where `up` may be evaluated: add `up`, or remove `up_ok`.");
    }
    if (change.down_ok && !change.down) {
        section.fail_at(
            "down_ok", "\"down_ok\" without \"down\"",
            "`down_ok` says where `down` may be evaluated: add `down`, or remove `down_ok`.");
    }
    const bool converts = change.type || (change.up && change.nullable == false);
    if (change.up && !converts) {
        section.fail_at("up", "\"up\" without anything to convert",
                        "Add `type`, or nullable = false, or remove `up`.");
    }
    if (change.down && !converts) {
        section.fail_at("down", "\"down\" without anything to convert",
                        "Add `type`, or nullable = false with `up`, or remove `down`.");
    }
}

ChangeColumnChange read_change_column(const Section& section)
{
    section.accept_only({"kind", "table", "column", "type", "nullable", "default", "up", "down",
                         "up_ok", "down_ok"},
                        "change_column");
    ChangeColumnChange change{.table = section.table_name("table"),
                              .column = section.name("column"),
                              .type = section.find_sql("type"),
                              .nullable = section.find_flag("nullable"),
                              .default_sql = section.find_sql("default"),
                              .up = section.find_sql("up"),
                              .down = section.find_sql("down"),
                              .up_ok = section.find_sql("up_ok"),
                              .down_ok = section.find_sql("down_ok")};
    check_conversion(section, change);
    return change;
}

DropColumnChange read_drop_column(const Section& section)
{
    section.accept_only({"kind", "table", "column", "down", "down_ok", "undo_fill"}, "drop_column");
    DropColumnChange change{.table = section.table_name("table"),
                            .column = section.name("column"),
                            .down = section.find_sql("down"),
                            .down_ok = section.find_sql("down_ok"),
                            .undo_fill = section.find_sql("undo_fill")};
    if (change.down_ok && !change.down) {
        section.fail_at(
            "down_ok", "\"down_ok\" without \"down\"",
            "`down_ok` says where `down` may be evaluated: add `down`, or remove `down_ok`.");
    }
    return change;
}

ChangeKind read_kind(const Section& section, const std::string& kind)
{
    if (kind == "add_column") {
        return read_add_column(section);
    }
    if (kind == "rename_column") {
        return read_rename_column(section);
    }
    if (kind == "change_column") {
        return read_change_column(section);
    }
    if (kind == "drop_column") {
        return read_drop_column(section);
    }
    const std::optional<std::string> meant = nearest(kind, change_kinds());
    section.fail_at("kind", fmt::format("unknown kind \"{}\"", kind),
                    fmt::format("{}The kinds are {}; what none of them covers is written out as "
                                "[[expand]], [[backfill]], [[verify]] and [[contract]].",
                                meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                                listed(change_kinds())));
}

struct Targets {
    std::vector<std::string> operator()(const AddColumnChange& c) const { return {c.column}; }

    std::vector<std::string> operator()(const RenameColumnChange& c) const
    {
        return {c.from, c.to};
    }

    std::vector<std::string> operator()(const ChangeColumnChange& c) const { return {c.column}; }

    std::vector<std::string> operator()(const DropColumnChange& c) const { return {c.column}; }
};

} // namespace

Change read_change(const Section& section)
{
    if (!section.has("kind")) {
        section.fail("[[change]] has no \"kind\"",
                     fmt::format("Add kind = \"…\"; the kinds are {}.", listed(change_kinds())));
    }
    return {.kind = read_kind(section, section.name("kind")), .location = section.location()};
}

void check_targets(const std::vector<Change>& changes)
{
    std::map<std::pair<TableName, std::string>, int> lines;
    for (const Change& change : changes) {
        for (const std::string& column : std::visit(Targets{}, change.kind)) {
            const auto [known, is_new] =
                lines.emplace(std::pair(table_of(change), column), change.location.line);
            if (!is_new) {
                fail_definition(change.location,
                                fmt::format("column \"{}\" of table \"{}\" is changed twice, first "
                                            "by the [[change]] in line {}",
                                            column, display(table_of(change)), known->second),
                                "Put the second change into a migration of its own.");
            }
        }
    }
}

} // namespace sluice
