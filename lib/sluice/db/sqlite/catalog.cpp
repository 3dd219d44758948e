// SQLite tells part of a schema by PRAGMA and the rest only as the text of CREATE statements.

#include "sluice/db/catalog_reader.h"
#include "sluice/db/dialect.h"
#include "sluice/db/session.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/catalog_parts.h"

#include <algorithm>
#include <map>

namespace sluice {

using namespace sqlite;

namespace {

using Kind = ConstraintSql::Kind;

bool starts_with(std::string_view text, std::string_view prefix)
{
    return lower_case(text.substr(0, prefix.size())) == prefix;
}

bool is_left_out(std::string_view table)
{
    return starts_with(table, "sqlite_") || is_own_table(lower_case(table));
}

TableKind kind_of(const std::string& type)
{
    if (type == "view") {
        return TableKind::view;
    }
    return type == "table" ? TableKind::plain : TableKind::virtual_table;
}

Entries read_entries(Session& session, const std::vector<SchemaRow>& schema,
                     const std::string& source)
{
    Entries entries;
    const Rows rows =
        session.query("SELECT l.name, l.type, l.wr, l.strict FROM " + source +
                      " m JOIN pragma_table_list(m.name) l WHERE m.type IN ('table', 'view') AND "
                      "l.schema = 'main'");
    for (const Row& row : rows.rows) {
        if (is_left_out(*row[0])) {
            continue;
        }
        Entry& entry = entries[lower_case(*row[0])];
        entry.table.name.name = *row[0];
        entry.table.kind = kind_of(*row[1]);
        entry.table.without_rowid = row[2] == "1";
        entry.table.strict = row[3] == "1";
        entry.table.folds_case = true;
    }
    for (const SchemaRow& row : schema) {
        const auto entry = entries.find(lower_case(row.name));
        if (row.type == "table" && entry != entries.end()) {
            entry->second.sql = row.sql;
            if (entry->second.table.kind == TableKind::plain) {
                entry->second.parsed = read_table_sql(row.sql);
            }
        }
    }
    return entries;
}

/// As table_sql read it, or empty.
std::string text_of(const ColumnSql* column, Kind kind)
{
    const ConstraintSql* constraint = column == nullptr ? nullptr : column->find(kind);
    return constraint == nullptr ? std::string() : constraint->text;
}

Column column_of(const Dialect& dialect, const Entry& entry, const Row& row)
{
    Column column;
    column.name = *row[1];
    if (!row[2].value_or("").empty()) {
        column.type = dialect.parse_type(*row[2]);
    }
    column.nullable = row[3] == "0";
    if (row[4] && lower_case(*row[4]) != "null") {
        column.default_sql = row[4];
    }
    const ColumnSql* sql = entry.parsed.find(column.name);
    if (row[6] == "2" || row[6] == "3") {
        column.generated = text_of(sql, Kind::generated);
    }
    const std::string collation = text_of(sql, Kind::collate);
    column.collation = lower_case(collation) == "binary" ? "" : collation;
    return column;
}

void read_columns(Session& session, Entries& entries, const std::string& source)
{
    // A view may be broken; asking for its columns would then fail for all.
    const Rows rows =
        session.query("SELECT m.name, p.name, p.type, p.\"notnull\", p.dflt_value, p.pk, p.hidden "
                      "FROM " +
                      source +
                      " m JOIN pragma_table_xinfo(m.name, 'main') p "
                      "WHERE m.type = 'table' AND p.hidden <> 1 ORDER BY m.name, p.cid");
    std::map<std::string, std::map<std::int64_t, std::string>> keys;
    for (const Row& row : rows.rows) {
        Entry* entry = find(entries, row[0]);
        if (entry == nullptr) {
            continue; // left out
        }
        entry->table.columns.push_back(column_of(session.dialect(), *entry, row));
        if (row[5] != "0") {
            keys[*row[0]][number_in(row[5])] = *row[1];
        }
    }
    for (const auto& [name, columns] : keys) {
        for (const auto& column : columns) {
            entries.at(lower_case(name)).table.primary_key.push_back(column.second);
        }
    }
}

/// A column declared INTEGER PRIMARY KEY is the rowid itself: it fills itself and is never NULL.
/// A key that has an index of its own (INTEGER PRIMARY KEY DESC) is not.
void mark_rowid_aliases(Session& session, Entries& entries, const std::string& source)
{
    const Rows indexed = session.query("SELECT m.name FROM " + source +
                                       " m JOIN pragma_index_list(m.name, 'main') l "
                                       "WHERE m.type = 'table' AND l.origin = 'pk'");
    for (auto& named : entries) {
        Table& table = named.second.table;
        const bool has_index =
            std::any_of(indexed.rows.begin(), indexed.rows.end(),
                        [&table](const Row& row) { return row[0] == table.name.name; });
        if (table.without_rowid || table.primary_key.size() != 1 || has_index) {
            continue;
        }
        for (Column& column : table.columns) {
            if (column.name == table.primary_key[0] && lower_case(column.type.sql) == "integer") {
                column.is_identity = true;
                column.nullable = false;
            }
        }
    }
}

/// ANALYZE leaves "rows average average…" for each index.
void read_statistics(Session& session, Entries& entries, const std::vector<SchemaRow>& schema)
{
    const bool is_analyzed = std::any_of(schema.begin(), schema.end(), [](const SchemaRow& row) {
        return row.name == "sqlite_stat1";
    });
    if (!is_analyzed) {
        return;
    }
    for (const Row& row : session.query("SELECT tbl, stat FROM main.sqlite_stat1").rows) {
        if (Entry* entry = find(entries, row[0])) {
            entry->table.estimated_rows = std::max(entry->table.estimated_rows, number_in(row[1]));
        }
    }
}

bool is_wanted(const Table& table, const std::vector<TableName>& tables)
{
    return tables.empty() ||
           std::any_of(tables.begin(), tables.end(), [&table](const TableName& name) {
               return name.schema.empty() && same_ignoring_case(name.name, table.name.name);
           });
}

} // namespace

Catalog read_sqlite_catalog(Session& session, const std::vector<TableName>& tables)
{
    Catalog catalog;
    catalog.folds_case = true;
    const std::vector<SchemaRow> schema = read_schema(session, tables);
    if (schema.empty()) {
        return catalog;
    }
    const std::string source =
        tables.empty() ? "main.sqlite_schema" : tables_of(session.dialect(), schema);
    Entries entries = read_entries(session, schema, source);
    read_columns(session, entries, source);
    read_indexes(session, entries, schema, source);
    mark_rowid_aliases(session, entries, source);
    read_foreign_keys(session, entries, source);
    add_references(entries);
    add_triggers_and_views(entries, schema);
    read_statistics(session, entries, schema);
    for (auto& named : entries) {
        add_checks(named.second);
        describe_constraints(named.second);
        sort_by_name(named.second.table);
        if (is_wanted(named.second.table, tables)) {
            catalog.tables.push_back(std::move(named.second.table));
        }
    }
    std::sort(catalog.tables.begin(), catalog.tables.end(),
              [](const Table& a, const Table& b) { return a.name < b.name; });
    return catalog;
}

} // namespace sluice
