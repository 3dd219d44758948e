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
    std::string row_text;
    std::vector<GivenColumn> given;
    for (const Column& each : read) {
        given.push_back({each, at(each.name)});
        row_text +=
            (row_text.empty() ? "" : ", ") + given.back().value + " AS " + dialect.quote(each.name);
    }
    const std::string value = dialect.converted(conversion, target.type);
    if (given.empty()) {
        return {"(" + value + ")", false, conversion.is_total};
    }
    return {"(SELECT " + value + " FROM (SELECT " + row_text + ") AS sluice_row)", false,
            conversion.is_total, value, std::move(given)};
}

std::string SyncSql::column(std::string_view row, std::string_view name) const
{
    return std::string(row) + "." + dialect_.quote(name);
}

Computed SyncSql::up(const SyncedColumn& column, std::string_view row) const
{
    return computed(column, row, {});
}

Computed SyncSql::down(const SyncedColumn& column, std::string_view row) const
{
    return computed(column, row, sync_.down_sees);
}

Computed SyncSql::computed(const SyncedColumn& target, std::string_view row,
                           std::string_view alias) const
{
    std::vector<Column> seen = sync_.row; // as the expression sees it
    for (Column& each : seen) {
        if (each.name == alias) {
            each = row_column(sync_, sync_.news.front().name);
            each.name = alias;
        }
    }
    return computed_over(dialect_, seen, target.value, row_column(sync_, target.name),
                         [this, row, alias](const std::string& name) {
                             return column(row, name == alias ? sync_.news.front().name : name);
                         });
}

std::string SyncSql::changed(const Column& each) const
{
    return dialect_.differs(column("NEW", each.name), column("OLD", each.name), each.type);
}

std::string SyncSql::old_changed() const
{
    return grouped(changes(row_columns(sync_, sync_.olds)), " OR ");
}

std::string SyncSql::new_changed() const
{
    return grouped(changes(row_columns(sync_, sync_.news)), " OR ");
}

std::string SyncSql::key_changed() const
{
    std::vector<Column> key;
    for (const std::string& name : sync_.key) {
        key.push_back(row_column(sync_, name));
    }
    return joined(changes(key), " OR ");
}

std::string SyncSql::sources_changed() const
{
    std::string text;
    for (const SyncedColumn& each : sync_.news) {
        text += each.value.expression + " " + each.value.domain + "\n";
    }
    const Conversion all{.expression = text, .domain = {}};
    return joined(changes(columns_read(sync_, all, dialect_.server().engine)), " OR ");
}

std::string SyncSql::all_null(const std::vector<SyncedColumn>& columns, std::string_view row) const
{
    std::vector<std::string> tests;
    for (const SyncedColumn& each : columns) {
        tests.push_back((row.empty() ? dialect_.quote(each.name) : column(row, each.name)) +
                        " IS NULL");
    }
    return joined(tests, " AND ");
}

std::vector<std::string> SyncSql::changes(const std::vector<Column>& columns) const
{
    std::vector<std::string> tests;
    for (const Column& each : columns) {
        tests.push_back(changed(each));
    }
    return tests;
}

std::vector<Column> row_columns(const Sync& sync, const std::vector<SyncedColumn>& columns)
{
    std::vector<Column> found;
    for (const SyncedColumn& each : columns) {
        found.push_back(row_column(sync, each.name));
    }
    return found;
}

std::vector<std::string> names_of(const std::vector<SyncedColumn>& columns)
{
    std::vector<std::string> names;
    for (const SyncedColumn& each : columns) {
        names.push_back(each.name);
    }
    return names;
}

std::string joined(const std::vector<std::string>& parts, const char* separator)
{
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() || part.empty() ? "" : separator) + part;
    }
    return text;
}

std::string grouped(const std::vector<std::string>& parts, const char* separator)
{
    return parts.size() < 2 ? joined(parts, separator) : "(" + joined(parts, separator) + ")";
}

} // namespace sluice
