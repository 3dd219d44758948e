#include "sluice/plan/changes/reshape_columns.h"

#include "sluice/plan/changes/required.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <utility>

namespace sluice {
namespace {

std::vector<Column> columns_of(const std::vector<ShapeColumn>& columns)
{
    std::vector<Column> found;
    for (const ShapeColumn& each : columns) {
        found.push_back(each.column);
    }
    return found;
}

std::vector<Column> joined(std::vector<Column> columns, const std::vector<Column>& more)
{
    columns.insert(columns.end(), more.begin(), more.end());
    return columns;
}

std::string joined(const std::vector<std::string>& tests, const char* separator)
{
    return fmt::format("{}", fmt::join(tests, separator));
}

} // namespace

ReshapeColumns::ReshapeColumns(const Reshape& reshape, const Site& site)
    : reshape_(reshape), site_(site), key_(walking_key(site))
{
    const Table relaxed = altered(site.table, made_optional(), site.dialect);
    for (const ShapeColumn& old : reshape.olds) {
        olds_.push_back(*relaxed.find(old.column.name));
    }
}

std::vector<Alteration> ReshapeColumns::made_optional() const
{
    std::vector<Alteration> all;
    for (const ShapeColumn& old : reshape_.olds) {
        for (Alteration& alteration : sluice::made_optional(old.column, site_)) {
            all.push_back(std::move(alteration));
        }
    }
    return all;
}

/// What the new columns give may be nothing, so that none of these can be NOT NULL.
std::vector<Column> ReshapeColumns::kept() const
{
    std::vector<Column> kept = olds_;
    for (Column& column : kept) {
        column.name = kept_name(column.name, site_.dialect);
        column.nullable = true;
        if (site_.dialect.capabilities().grants_go_by_name) {
            column.grants.clear(); // they are on the name that it had
        }
    }
    return kept;
}

std::vector<Column> ReshapeColumns::bare_news() const
{
    std::vector<Column> bare = news();
    for (Column& column : bare) {
        column.nullable = true;
        column.default_sql.reset();
    }
    return bare;
}

std::vector<Column> ReshapeColumns::news() const
{
    return columns_of(reshape_.news);
}

Sync ReshapeColumns::both() const
{
    Sync sync{.name = site_.sync_name,
              .table = site_.table.name,
              .key = names_of(key_),
              .row = sync_row(site_, joined(olds_, bare_news()), key_, reads()),
              .direction = SyncDirection::both,
              .olds = {},
              .news = {},
              .down_sees = {}};
    for (std::size_t n = 0; n < olds_.size(); ++n) {
        const ShapeColumn& old = reshape_.olds[n];
        sync.olds.push_back({.name = old.column.name,
                             .value = old.value,
                             .is_required = olds_[n].nullable && !old.column.nullable});
    }
    for (const ShapeColumn& each : reshape_.news) {
        sync.news.push_back({.name = each.column.name, .value = each.value});
    }
    return sync;
}

Sync ReshapeColumns::reverse() const
{
    Sync sync = both();
    sync.direction = SyncDirection::reverse;
    sync.row = sync_row(site_, joined(kept(), news()), key_, reads());
    const std::vector<std::string> gone = names_of(olds_);
    std::erase_if(sync.row, [&](const Column& column) { return contains(gone, column.name); });
    for (SyncedColumn& old : sync.olds) {
        old.name = kept_name(old.name, site_.dialect);
        old.is_required = false;
    }
    for (SyncedColumn& each : sync.news) {
        each.value = {};
    }
    return sync;
}

Action ReshapeColumns::backfill() const
{
    std::vector<std::pair<std::string, std::string>> set;
    std::vector<std::string> given;
    for (const ShapeColumn& each : reshape_.news) {
        set.emplace_back(each.column.name, value(each));
        given.push_back(value(each) + " IS NOT NULL");
    }
    return backfill_of(site_, key_, set,
                       fmt::format("{} AND ({})", all_null(reshape_.news), joined(given, " OR ")));
}

Action ReshapeColumns::verification() const
{
    std::vector<std::string> up_tests = {are_as_computed(reshape_.news)};
    for (const ShapeColumn& each : reshape_.news) {
        if (!each.value.domain.empty()) {
            up_tests.push_back(fmt::format("({} IS NOT NULL OR ({}) OR ({}))",
                                           site_.dialect.quote(each.column.name), each.value.domain,
                                           all_null(reshape_.olds)));
        }
    }
    std::string expect =
        fmt::format("(({}) OR ({}))", joined(up_tests, " AND "), are_as_computed(reshape_.olds));
    std::string about = fmt::format("{} {} in step with {}", new_names(),
                                    reshape_.news.size() > 1 ? "are" : "is", old_names());
    std::vector<std::string> never_null;
    for (const Column& column : news()) {
        if (!column.nullable) {
            expect += fmt::format(" AND {} IS NOT NULL", site_.dialect.quote(column.name));
            never_null.push_back(column.name);
        }
    }
    if (!never_null.empty()) {
        about += fmt::format(", and {} {} never NULL", quoted_names(never_null),
                             never_null.size() > 1 ? "are" : "is");
    }
    return verification_of(site_, key_, expect, about);
}

std::string ReshapeColumns::old_names() const
{
    return quoted_names(names_of(olds_));
}

std::string ReshapeColumns::new_names() const
{
    return quoted_names(names_of(news()));
}

std::vector<std::string> ReshapeColumns::every_name() const
{
    return names_of(joined(joined(olds_, kept()), news()));
}

std::string ReshapeColumns::reads() const
{
    std::string text;
    for (const auto* columns : {&reshape_.olds, &reshape_.news}) {
        for (const ShapeColumn& each : *columns) {
            text += each.value.expression + " " + each.value.domain + "\n";
        }
    }
    return text;
}

std::string ReshapeColumns::value(const ShapeColumn& column) const
{
    return site_.dialect.converted(column.value, column.column.type);
}

std::string ReshapeColumns::all_null(const std::vector<ShapeColumn>& columns) const
{
    std::vector<std::string> tests;
    for (const ShapeColumn& each : columns) {
        tests.push_back(site_.dialect.quote(each.column.name) + " IS NULL");
    }
    return joined(tests, " AND ");
}

std::string ReshapeColumns::are_as_computed(const std::vector<ShapeColumn>& columns) const
{
    std::vector<std::string> tests;
    for (const ShapeColumn& each : columns) {
        tests.push_back("NOT (" +
                        site_.dialect.differs(site_.dialect.quote(each.column.name), value(each),
                                              each.column.type) +
                        ")");
    }
    return joined(tests, " AND ");
}

} // namespace sluice
