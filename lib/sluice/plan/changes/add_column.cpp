#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

namespace sluice {
namespace {

Column wanted(const AddColumnChange& change, const Site& site)
{
    Column column{.name = change.column,
                  .type = site.dialect.parse_type(
                      require_text(change.type, site.dialect, "`type`", site.location)),
                  .nullable = change.nullable};
    column.default_sql =
        optional_text(change.default_sql, site.dialect, "`default`", site.location);
    return column;
}

/// The column as it is until contract: nothing that old rows or the old application could break.
Column bare(Column column)
{
    column.nullable = true;
    column.default_sql.reset();
    return column;
}

Group expand_with(const Site& site, const Column& column, Alteration last, std::string reason)
{
    return {.table = site.table.name,
            .alterations = {AddColumn{site.table.name, column}, std::move(last)},
            .reason = std::move(reason)};
}

/// `before` is the column as contract finds it.
std::vector<Group> validations(const Site& site, const Column& wanted, Column before)
{
    if (wanted.nullable) {
        return {};
    }
    before.nullable = true;
    return {{.table = site.table.name,
             .alterations = {SetNullability{site.table.name, before, Nullability::not_null}},
             .reason = fmt::format("\"{}\" is to be NOT NULL", wanted.name)}};
}

/// A constant default, or none: the engine fills old rows without touching them.
Outline at_once(const Site& site, const Column& column)
{
    return {.expand = {{.table = site.table.name,
                        .alterations = {AddColumn{site.table.name, column}},
                        .reason = column.default_sql
                                      ? "the default is a constant, so that no row is rewritten"
                                      : "it is empty in all rows, so that no row is rewritten"}},
            .table = site.table.name,
            .columns = {column.name}};
}

std::string unfilled_note(const Column& column)
{
    return fmt::format("The backfill cannot tell a NULL that the application writes into \"{}\" "
                       "from a row not filled yet.",
                       column.name);
}

/// A default that has another value in each row: set for new rows first, then old rows are filled.
Outline with_computed_default(const Site& site, const Column& column)
{
    const std::vector<Column> key = walking_key(site);
    const std::string is_missing = site.dialect.quote(column.name) + " IS NULL";
    return {.expand = {expand_with(
                site, bare(column),
                SetDefault{site.table.name, bare(column), std::nullopt, column.default_sql},
                "the default applies to new rows from now on, and old rows are filled in batches")},
            .backfills = {backfill_of(site, key, column.name, *column.default_sql, is_missing)},
            .verifications = {verification_of(site, key,
                                              site.dialect.quote(column.name) + " IS NOT NULL",
                                              fmt::format("\"{}\" is never NULL", column.name))},
            .validations = validations(site, column, column),
            .notes = {unfilled_note(column)},
            .table = site.table.name,
            .columns = {column.name}};
}

Sync forward_sync(const Site& site, const Column& column, const Conversion& up,
                  const std::vector<Column>& key)
{
    return {.name = site.sync_name,
            .table = site.table.name,
            .key = names_of(key),
            .row = sync_row(site, {column}, key, up.expression + " " + up.domain),
            .direction = SyncDirection::forward,
            .olds = {},
            .news = {{.name = column.name, .value = up}},
            .down_sees = {}};
}

Action filled_verification(const Site& site, const std::vector<Column>& key, const Column& column,
                           const std::string& value)
{
    const std::string name = site.dialect.quote(column.name);
    if (!column.nullable) {
        return verification_of(site, key, name + " IS NOT NULL",
                               fmt::format("\"{}\" is never NULL", column.name));
    }
    return verification_of(
        site, key, fmt::format("({} IS NOT NULL OR {} IS NULL)", name, value),
        fmt::format("\"{}\" has a value wherever one can be computed", column.name));
}

Outline with_up(const Site& site, const Column& column, const Conversion& up)
{
    const std::vector<Column> key = walking_key(site);
    const Sync sync = forward_sync(site, bare(column), up, key);
    const std::string name = site.dialect.quote(column.name);
    const std::string value = site.dialect.converted(up, column.type);
    Outline outline{
        .expand = {expand_with(site, bare(column), CreateSync{sync},
                               "old rows are filled in batches, new ones by triggers")},
        .backfills = {backfill_of(site, key, column.name, value,
                                  fmt::format("{} IS NULL AND {} IS NOT NULL", name, value))},
        .verifications = {filled_verification(site, key, column, value)},
        .validations = fills_too_late(site.dialect) ? std::vector<Group>{}
                                                    : validations(site, column, bare(column)),
        .table = site.table.name,
        .columns = {column.name},
        .reads = up.expression + " " + up.domain};
    Group contract{.table = site.table.name,
                   .alterations = {},
                   .reason = "the application gives it a value by itself from now on"};
    if (fills_too_late(site.dialect) && !column.nullable) {
        contract.alterations.emplace_back(
            SetNullability{site.table.name, bare(column), Nullability::not_null});
    }
    if (column.default_sql) {
        contract.alterations.emplace_back(
            SetDefault{site.table.name, column, std::nullopt, column.default_sql});
    }
    contract.alterations.emplace_back(DropSync{sync});
    outline.contract.push_back(std::move(contract));
    outline.notes.push_back(fmt::format("Until contract, an INSERT into \"{}\" that gives NULL for "
                                        "\"{}\" gets the computed value.",
                                        display(site.table.name), column.name));
    return outline;
}

} // namespace

Outline outline(const AddColumnChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    refuse_name(site.table, change.column, site.dialect, site.location);
    const Column column = wanted(change, site);
    const auto up = declared(site, change.up, change.up_ok, "up");
    if (up) {
        return with_up(site, column, *up);
    }
    if (!column.default_sql && !column.nullable) {
        refuse_at(
            site.location,
            fmt::format("column \"{}\" is to be NOT NULL, but nothing gives the rows of \"{}\" "
                        "a value",
                        column.name, display(site.table.name)),
            "Give it a default = \"…\", or up = \"…\", an expression over the row's other "
            "columns.");
    }
    if (!column.default_sql || site.dialect.is_constant(*column.default_sql)) {
        return at_once(site, column);
    }
    if (site.dialect.capabilities().sets_default_in_place) {
        return with_computed_default(site, column);
    }
    return with_up(site, column, {.expression = *column.default_sql, .domain = {}});
}

} // namespace sluice
