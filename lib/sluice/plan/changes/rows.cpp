#include "sluice/plan/changes/rows.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace sluice {
namespace {

bool has(const std::vector<Column>& columns, const std::string& name)
{
    return std::any_of(columns.begin(), columns.end(),
                       [&](const Column& column) { return column.name == name; });
}

} // namespace

std::vector<std::string> names_of(const std::vector<Column>& columns)
{
    std::vector<std::string> names;
    for (const Column& column : columns) {
        names.push_back(column.name);
    }
    return names;
}

std::vector<Column> walking_key(const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    const auto usable = usable_keys(site.table, site.dialect);
    return choose_key(site.table, usable.empty() ? std::vector<std::string>{} : usable.front(),
                      site.dialect, site.location);
}

std::optional<Conversion> declared(const Site& site, const std::optional<EngineText>& sql,
                                   const std::optional<EngineText>& ok, const std::string& name)
{
    const std::string quoted_name = fmt::format("`{}`", name);
    const auto expression = optional_text(sql, site.dialect, quoted_name, site.location);
    const std::string ok_name = fmt::format("`{}_ok`", name);
    const auto domain = optional_text(ok, site.dialect, ok_name, site.location);
    if (!expression && domain) {
        fail_at(site.location, fmt::format("{} is given without {}", ok_name, quoted_name),
                fmt::format("Give {} too, or leave {} out.", quoted_name, ok_name));
    }
    if (!expression) {
        return std::nullopt;
    }
    refuse_volatile(*expression, quoted_name, site.dialect, site.location);
    refuse_volatile(domain.value_or(""), ok_name, site.dialect, site.location);
    return Conversion{.expression = *expression, .domain = domain.value_or("")};
}

std::vector<Column> sync_row(const Site& site, const std::vector<Column>& own,
                             const std::vector<Column>& key, const std::string& sql)
{
    std::vector<Column> row;
    for (const Column& column : site.table.columns) {
        const bool is_read = mentions(sql, column.name, site.dialect.server().engine);
        if (!has(own, column.name) && (has(key, column.name) || is_read)) {
            row.push_back(column);
        }
    }
    row.insert(row.end(), own.begin(), own.end());
    return row;
}

std::vector<Index> indexes_of(const Table& table, const std::string& column, const Dialect& dialect)
{
    const Engine engine = dialect.server().engine;
    const auto is_over = [&](const IndexPart& part) {
        return part.column == column || mentions(part.expression, column, engine);
    };
    std::vector<Index> found;
    std::copy_if(table.indexes.begin(), table.indexes.end(), std::back_inserter(found),
                 [&](const Index& index) {
                     return contains(index.included, column) ||
                            mentions(index.predicate, column, engine) ||
                            std::any_of(index.parts.begin(), index.parts.end(), is_over);
                 });
    return found;
}

Action backfill_of(const Site& site, const std::vector<Column>& key,
                   const std::vector<std::pair<std::string, std::string>>& set,
                   const std::string& needs_work)
{
    BackfillWork work{.table = site.table.name, .key = key, .set = set, .into = {}};
    work.needs_work = needs_work;
    std::vector<std::string> columns;
    for (const auto& [column, value] : set) {
        columns.push_back(column);
    }
    for (const Column& other : site.table.columns) {
        if (other.on_update_now && !contains(columns, other.name)) {
            work.set.emplace_back(other.name, site.dialect.quote(other.name));
        }
    }
    return {.phase = Phase::migrate,
            .summary = fmt::format("backfill {} of \"{}\"", quoted_names(columns),
                                   display(site.table.name)),
            .work = std::move(work),
            .undo = {},
            .tables = {site.table.name}};
}

Action backfill_of(const Site& site, const std::vector<Column>& key, const std::string& column,
                   const std::string& value, const std::string& needs_work)
{
    return backfill_of(site, key, {{column, value}}, needs_work);
}

Action verification_of(const Site& site, const std::vector<Column>& key, const std::string& expect,
                       const std::string& about)
{
    return {.phase = Phase::migrate,
            .summary = fmt::format("verify \"{}\": {}", display(site.table.name), about),
            .work =
                VerifyWork{.table = site.table.name, .key = key, .expect = expect, .about = about},
            .undo = {},
            .tables = {site.table.name}};
}

} // namespace sluice
