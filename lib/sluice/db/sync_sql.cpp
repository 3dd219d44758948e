#include "sluice/db/sync_sql.h"

#include "sluice/core/error.h"
#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice {

namespace {

/// The only name that an expression consists of, or nothing.
std::string single_name(const Conversion& conversion, Engine engine)
{
    if (!conversion.domain.empty()) {
        return {};
    }
    const std::vector<Token> tokens = tokenize(conversion.expression, engine);
    return tokens.size() == 1 && tokens[0].is_name() ? tokens[0].text : std::string();
}

bool same_shape(const Column& a, const Column& b)
{
    return a.type == b.type && a.charset == b.charset;
}

} // namespace

const Column& row_column(const Sync& sync, std::string_view name)
{
    const auto found = std::find_if(sync.row.begin(), sync.row.end(),
                                    [name](const Column& column) { return column.name == name; });
    if (found == sync.row.end()) {
        throw Error(ErrorKind::internal, "the row of sync \"" + sync.name + "\" has no column \"" +
                                             std::string(name) + "\"");
    }
    return *found;
}

std::vector<Column> columns_read(const Sync& sync, const Conversion& conversion, Engine engine)
{
    return columns_read(sync.row, conversion, engine);
}

std::vector<Column> columns_read(const std::vector<Column>& row, const Conversion& conversion,
                                 Engine engine)
{
    const std::string text = conversion.expression + " " + conversion.domain;
    std::vector<Column> columns;
    for (const Column& column : row) {
        if (mentions(text, column.name, engine)) {
            columns.push_back(column);
        }
    }
    return columns;
}

Computed computed_over(const Dialect& dialect, const std::vector<Column>& row,
                       const Conversion& conversion, const Column& target, const ColumnAt& at)
{
    const Engine engine = dialect.server().engine;
    const std::vector<Column> read = columns_read(row, conversion, engine);
    if (read.size() == 1 && !single_name(conversion, engine).empty() &&
        same_shape(read[0], target)) {
        return {at(read[0].name), true, true};
    }
    std::string given;
    for (const Column& each : read) {
        given += (given.empty() ? "" : ", ") + at(each.name) + " AS " + dialect.quote(each.name);
    }
    const std::string value = dialect.converted(conversion, target.type);
    if (given.empty()) {
        return {"(" + value + ")", false, conversion.is_total};
    }
    return {"(SELECT " + value + " FROM (SELECT " + given + ") AS sluice_row)", false,
            conversion.is_total};
}

std::string SyncSql::column(std::string_view row, std::string_view name) const
{
    return std::string(row) + "." + dialect_.quote(name);
}

Computed SyncSql::up(std::string_view row) const
{
    return computed(sync_.up, row_column(sync_, sync_.new_column), row, {});
}

Computed SyncSql::down(std::string_view row) const
{
    return computed(sync_.down, row_column(sync_, sync_.old_column), row, sync_.down_sees);
}

Computed SyncSql::computed(const Conversion& conversion, const Column& target, std::string_view row,
                           std::string_view alias) const
{
    std::vector<Column> seen = sync_.row; // as the expression sees it
    for (Column& each : seen) {
        if (each.name == alias) {
            each = row_column(sync_, sync_.new_column);
            each.name = alias;
        }
    }
    return computed_over(dialect_, seen, conversion, target,
                         [this, row, alias](const std::string& name) {
                             return column(row, name == alias ? sync_.new_column : name);
                         });
}

std::string SyncSql::changed(const Column& each) const
{
    return dialect_.differs(column("NEW", each.name), column("OLD", each.name), each.type);
}

std::string SyncSql::old_changed() const
{
    return changed(row_column(sync_, sync_.old_column));
}

std::string SyncSql::new_changed() const
{
    return changed(row_column(sync_, sync_.new_column));
}

std::string SyncSql::key_changed() const
{
    std::vector<Column> key;
    for (const std::string& name : sync_.key) {
        key.push_back(row_column(sync_, name));
    }
    return any_changed(key);
}

std::string SyncSql::sources_changed() const
{
    return any_changed(columns_read(sync_, sync_.up, dialect_.server().engine));
}

std::string SyncSql::any_changed(const std::vector<Column>& columns) const
{
    std::string any;
    for (const Column& each : columns) {
        any += (any.empty() ? "" : " OR ") + changed(each);
    }
    return any;
}

} // namespace sluice
