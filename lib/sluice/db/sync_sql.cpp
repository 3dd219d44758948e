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
    const std::string text = conversion.expression + " " + conversion.domain;
    std::vector<Column> columns;
    for (const Column& column : sync.row) {
        if (mentions(text, column.name, engine)) {
            columns.push_back(column);
        }
    }
    return columns;
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
    const Engine engine = dialect_.server().engine;
    const auto source = [this, alias](const std::string& name) {
        return name == alias ? sync_.new_column : name;
    };
    const std::vector<Column> read = columns_read(sync_, conversion, engine);
    const std::string single = single_name(conversion, engine);
    if (!single.empty() && read.size() == 1) {
        const std::string name = source(read[0].name);
        if (same_shape(row_column(sync_, name), target)) {
            return {column(row, name), true, true};
        }
    }
    std::string given;
    for (const Column& each : read) {
        given += (given.empty() ? "" : ", ") + column(row, source(each.name)) + " AS " +
                 dialect_.quote(each.name);
    }
    const std::string value = dialect_.converted(conversion, target.type);
    if (given.empty()) {
        return {"(" + value + ")", false, conversion.is_total};
    }
    return {"(SELECT " + value + " FROM (SELECT " + given + ") AS sluice_row)", false,
            conversion.is_total};
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
