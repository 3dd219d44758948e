#include "sluice/plan/changes/identity.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/changes/twin.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

/// A change held against its column.
struct Wanted {
    const Column& old;
    Type type;
    bool nullable = true;
    std::optional<std::string> default_sql; ///< as declared
    std::string collation;                  ///< the old one where none is declared
    std::optional<std::string> comment;     ///< as declared
    std::optional<Conversion> up;           ///< as declared
    std::optional<Conversion> down;
};

Wanted wanted(const ChangeColumnChange& change, const Site& site)
{
    const Column& old = require_column(site.table, change.column, site.location);
    const auto type = optional_text(change.type, site.dialect, "`type`", site.location);
    return {.old = old,
            .type = type ? site.dialect.parse_type(*type) : old.type,
            .nullable = change.nullable.value_or(old.nullable),
            .default_sql =
                optional_text(change.default_sql, site.dialect, "`default`", site.location),
            .collation = optional_text(change.collation, site.dialect, "`collation`", site.location)
                             .value_or(old.collation),
            .comment = change.comment,
            .up = declared(site, change.up, change.up_ok, "up"),
            .down = declared(site, change.down, change.down_ok, "down")};
}

bool same_type(const Wanted& wanted)
{
    return wanted.type == wanted.old.type;
}

/// Another collation is another column as far as indexes and comparisons go.
bool same_values(const Wanted& wanted)
{
    return same_type(wanted) && wanted.collation == wanted.old.collation;
}

/// The conversion by a cast, where an exact test tells which values it can take.
Conversion derived(const Site& site, const Wanted& wanted, const Type& from, const Type& to,
                   const std::string& name)
{
    const std::string column = site.dialect.quote(wanted.old.name);
    if (from == to) {
        return {.expression = column, .domain = {}, .is_total = true};
    }
    const auto domain = site.dialect.cast_domain(column, from, to);
    if (!domain) {
        refuse_at(site.location,
                  fmt::format("no exact test is known for which values of type {} can be converted "
                              "to {}",
                              from.sql, to.sql),
                  fmt::format("Declare `{} = \"…\"`, an expression over \"{}\", and `{}_ok = "
                              "\"…\"`, the condition under which it may be evaluated.",
                              name, wanted.old.name, name));
    }
    return {.expression = column, .domain = *domain, .is_total = true};
}

void check_pair(const Site& site, const Wanted& wanted)
{
    if (same_type(wanted) || wanted.up.has_value() == wanted.down.has_value()) {
        return;
    }
    const std::string given = wanted.up ? "up" : "down";
    const std::string missing = wanted.up ? "down" : "up";
    fail_at(
        site.location,
        fmt::format("column \"{}\" is given `{}` without `{}`", wanted.old.name, given, missing),
        fmt::format("Declare `{} = \"…\"` too: the way there and the way back belong together.",
                    missing));
}

bool is_number(const Type& type)
{
    return type.family == TypeFamily::integer || type.family == TypeFamily::decimal ||
           type.family == TypeFamily::floating;
}

std::optional<std::string> next_default(const Site& site, const Wanted& wanted)
{
    if (wanted.default_sql || !wanted.old.default_sql) {
        return wanted.default_sql;
    }
    if (same_type(wanted) && !wanted.up) {
        return wanted.old.default_sql;
    }
    if (wanted.up || !site.dialect.is_constant(*wanted.old.default_sql)) {
        fail_at(site.location,
                fmt::format("column \"{}\" has the default {}, which cannot be converted by itself",
                            wanted.old.name, *wanted.old.default_sql),
                "Give the new one with default = \"…\"; \"NULL\" means none.");
    }
    const bool reads_the_same = wanted.old.type.family == wanted.type.family ||
                                (is_number(wanted.old.type) && is_number(wanted.type));
    return reads_the_same ? *wanted.old.default_sql
                          : site.dialect.cast(*wanted.old.default_sql, wanted.type);
}

Outline with_twin(const Site& site, const Wanted& wanted)
{
    check_pair(site, wanted);
    Column next = wanted.old;
    next.type = wanted.type;
    next.nullable = wanted.nullable;
    next.default_sql = next_default(site, wanted);
    if (next.type.family != TypeFamily::text || wanted.old.type.family != TypeFamily::text) {
        next.collation = same_type(wanted) ? next.collation : "";
        next.charset = same_type(wanted) ? next.charset : "";
    }
    if (!same_type(wanted)) {
        // How a value is stored belongs to its type.
        std::erase_if(next.settings, [](const std::string& setting) {
            return setting.rfind("SET STORAGE", 0) == 0 || setting.rfind("SET COMPRESSION", 0) == 0;
        });
    }
    if (wanted.collation != wanted.old.collation) {
        next.collation = wanted.collation;
        // MySQL: a collation belongs to the character set that its name begins with.
        next.charset = next.charset.empty()
                           ? next.charset
                           : wanted.collation.substr(0, wanted.collation.find('_'));
    }
    next.comment = wanted.comment.value_or(next.comment);
    std::string reads;
    for (const std::optional<Conversion>& conversion : {wanted.up, wanted.down}) {
        reads += conversion ? conversion->expression + " " + conversion->domain + "\n" : "";
    }
    return outline_of(
        {.old = wanted.old,
         .next = next,
         .name = twin_name(wanted.old.name, site.dialect),
         .up = wanted.up ? *wanted.up : derived(site, wanted, wanted.old.type, wanted.type, "up"),
         .down = wanted.down ? *wanted.down
                             : derived(site, wanted, wanted.type, wanted.old.type, "down"),
         .down_sees = wanted.old.name,
         .reads = reads},
        site);
}

std::vector<Alteration> default_change(const Site& site, const Wanted& wanted)
{
    if (!wanted.default_sql || wanted.default_sql == wanted.old.default_sql) {
        return {};
    }
    return {SetDefault{site.table.name, wanted.old, wanted.old.default_sql, wanted.default_sql}};
}

std::vector<Alteration> comment_change(const Site& site, const Wanted& wanted)
{
    if (!wanted.comment || *wanted.comment == wanted.old.comment) {
        return {};
    }
    Column column = wanted.old;
    column.default_sql = wanted.default_sql ? wanted.default_sql : column.default_sql;
    return {SetComment{site.table.name, column, *wanted.comment}};
}

/// What new rows get and what people read: no row that is there is another afterwards.
std::vector<Alteration> harmless_changes(const Site& site, const Wanted& wanted)
{
    std::vector<Alteration> alterations = default_change(site, wanted);
    for (Alteration& alteration : comment_change(site, wanted)) {
        alterations.push_back(std::move(alteration));
    }
    return alterations;
}

Outline described_otherwise(const Site& site, const Wanted& wanted)
{
    return {.expand = {{.table = site.table.name,
                        .alterations = harmless_changes(site, wanted),
                        .reason = "rows that are there keep their values"}},
            .table = site.table.name,
            .columns = {wanted.old.name}};
}

Outline made_nullable(const Site& site, const Wanted& wanted)
{
    const TableName& table = site.table.name;
    std::vector<Alteration> alterations = harmless_changes(site, wanted);
    alterations.emplace_back(SetNullability{table, wanted.old, Nullability::nullable});
    return {.expand = {{.table = table,
                        .alterations = std::move(alterations),
                        .reason = fmt::format("\"{}\" may be NULL from now on", wanted.old.name)}},
            .table = table,
            .columns = {wanted.old.name}};
}

Outline made_not_null(const Site& site, const Wanted& wanted)
{
    const TableName& table = site.table.name;
    Outline outline{.table = table, .columns = {wanted.old.name}};
    std::vector<Alteration> defaults = harmless_changes(site, wanted);
    if (!defaults.empty()) {
        outline.expand.push_back({.table = table,
                                  .alterations = std::move(defaults),
                                  .reason = "new rows are to have a value"});
    }
    const std::string column = site.dialect.quote(wanted.old.name);
    outline.verifications.push_back(
        verification_of(site, walking_key(site), column + " IS NOT NULL",
                        fmt::format("\"{}\" is never NULL", wanted.old.name)));
    Column before = wanted.old;
    before.comment = wanted.comment.value_or(before.comment);
    before.default_sql = wanted.default_sql ? wanted.default_sql : wanted.old.default_sql;
    outline.validations.push_back(
        {.table = table,
         .alterations = {SetNullability{table, before, Nullability::not_null}},
         .reason = fmt::format("\"{}\" is to be NOT NULL", wanted.old.name)});
    return outline;
}

} // namespace

Outline outline(const ChangeColumnChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    if (change.identity) {
        return identity_outline(change, site);
    }
    const Wanted found = wanted(change, site);
    if (!same_values(found) || found.up) {
        return with_twin(site, found);
    }
    if (found.down) {
        fail_at(site.location,
                fmt::format("column \"{}\" is given `down`, but neither `up` nor another type",
                            found.old.name),
                "Add `up` or `type`, or leave `down` out.");
    }
    if (found.nullable == found.old.nullable && !harmless_changes(site, found).empty()) {
        return described_otherwise(site, found);
    }
    if (found.nullable == found.old.nullable) {
        fail_at(site.location,
                fmt::format("column \"{}\" of table \"{}\" is {}{} already", found.old.name,
                            display(site.table.name), found.old.type.sql,
                            found.nullable ? "" : " NOT NULL"),
                "Leave the change out, or say what is to be different.");
    }
    refuse_fixed_nullability(site.table, found.old, site.location);
    return found.nullable ? made_nullable(site, found) : made_not_null(site, found);
}

} // namespace sluice
