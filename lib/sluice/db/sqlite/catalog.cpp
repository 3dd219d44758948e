// SQLite tells part of a schema by PRAGMA and the rest only as the text of CREATE statements. A
// file is read whole, whatever was asked for: that takes milliseconds, and who refers to a table
// is known only then.

#include "sluice/db/catalog_reader.h"
#include "sluice/db/dialect.h"
#include "sluice/db/session.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/index_sql.h"
#include "sluice/db/sqlite/table_sql.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sluice {

namespace {

using Kind = ConstraintSql::Kind;

/// A table under construction, with its text.
struct Entry {
    Table table;
    std::string sql;
    TableSql parsed;
};

using Entries = std::map<std::string, Entry, std::less<>>; ///< by the name in lower case

struct SchemaRow {
    std::string type;
    std::string name;
    std::string table;
    std::string sql;
};

bool starts_with(std::string_view text, std::string_view prefix)
{
    return lower_case(text.substr(0, prefix.size())) == prefix;
}

bool is_left_out(std::string_view table)
{
    return starts_with(table, "sqlite_") || starts_with(table, "sluice_");
}

std::vector<SchemaRow> read_schema(Session& session)
{
    std::vector<SchemaRow> found;
    const Rows rows = session.query("SELECT type, name, tbl_name, sql FROM main.sqlite_schema");
    for (const Row& row : rows.rows) {
        found.push_back({*row[0], *row[1], *row[2], row[3].value_or("")});
    }
    return found;
}

TableKind kind_of(const std::string& type)
{
    if (type == "view") {
        return TableKind::view;
    }
    return type == "table" ? TableKind::plain : TableKind::virtual_table;
}

Entries read_entries(Session& session, const std::vector<SchemaRow>& schema)
{
    Entries entries;
    const Rows rows =
        session.query("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'");
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

Entry* find(Entries& entries, const Value& name)
{
    const auto found = name ? entries.find(lower_case(*name)) : entries.end();
    return found == entries.end() ? nullptr : &found->second;
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

void read_columns(Session& session, Entries& entries)
{
    // A view may be broken; asking for its columns would then fail for all.
    const Rows rows =
        session.query("SELECT m.name, p.name, p.type, p.\"notnull\", p.dflt_value, p.pk, p.hidden "
                      "FROM main.sqlite_schema m JOIN pragma_table_xinfo(m.name, 'main') p "
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

IndexPart part_of(const Table& table, const Row& row, const IndexSql& sql, std::size_t n)
{
    IndexPart part;
    part.column = row[5].value_or("");
    if (part.column.empty() && n < sql.parts.size()) {
        part.expression = sql.parts[n];
    }
    part.descending = row[6] == "1";
    const Column* column = table.find(part.column);
    const bool has_own = column != nullptr && !column->collation.empty();
    const std::string collation = row[7].value_or("BINARY");
    if (!same_ignoring_case(collation, has_own ? column->collation : "BINARY")) {
        part.collation = collation;
    }
    return part;
}

/// The texts of CREATE INDEX by the index's name.
std::map<std::string, std::string> index_texts(const std::vector<SchemaRow>& schema)
{
    std::map<std::string, std::string> texts;
    for (const SchemaRow& row : schema) {
        if (row.type == "index") {
            texts[row.name] = row.sql;
        }
    }
    return texts;
}

void read_indexes(Session& session, Entries& entries, const std::vector<SchemaRow>& schema)
{
    const std::map<std::string, std::string> texts = index_texts(schema);
    const Rows rows = session.query(
        "SELECT m.name, l.name, l.\"unique\", l.origin, l.partial, x.name, x.\"desc\", x.coll "
        "FROM main.sqlite_schema m JOIN pragma_index_list(m.name, 'main') l "
        "JOIN pragma_index_xinfo(l.name, 'main') x "
        "WHERE m.type = 'table' AND x.key = 1 ORDER BY m.name, l.name, x.seqno");
    for (const Row& row : rows.rows) {
        Entry* entry = find(entries, row[0]);
        if (entry == nullptr || row[3] == "pk") {
            continue;
        }
        const auto text = texts.find(*row[1]);
        // The text itself is as somebody typed it, so it says nothing about whether two are equal.
        const IndexSql sql = read_index_sql(text == texts.end() ? std::string() : text->second);
        std::vector<Index>& indexes = entry->table.indexes;
        if (indexes.empty() || indexes.back().name != *row[1]) {
            Index index;
            index.name = *row[1];
            index.unique = row[2] == "1";
            index.is_constraint = row[3] == "u";
            // The text of the definition is left out: renaming a column and back rewrites it, and
            // the parts and the predicate say all that it says.
            index.predicate = sql.predicate;
            indexes.push_back(std::move(index));
        }
        std::vector<IndexPart>& parts = indexes.back().parts;
        parts.push_back(part_of(entry->table, row, sql, parts.size()));
    }
}

/// A column declared INTEGER PRIMARY KEY is the rowid itself: it fills itself and is never NULL.
/// A key that has an index of its own (INTEGER PRIMARY KEY DESC) is not.
void mark_rowid_aliases(Session& session, Entries& entries)
{
    const Rows indexed = session.query(
        "SELECT m.name FROM main.sqlite_schema m JOIN pragma_index_list(m.name, 'main') l "
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

std::vector<const ConstraintSql*> constraints_of(const TableSql& sql, Kind of_column, Kind of_table)
{
    std::vector<const ConstraintSql*> found;
    for (const ColumnSql& column : sql.columns) {
        for (const ConstraintSql& constraint : column.constraints) {
            if (constraint.kind == of_column) {
                found.push_back(&constraint);
            }
        }
    }
    for (const ConstraintSql& constraint : sql.constraints) {
        if (constraint.kind == of_table) {
            found.push_back(&constraint);
        }
    }
    return found;
}

void add_checks(Entry& entry)
{
    for (const ConstraintSql* check : constraints_of(entry.parsed, Kind::check, Kind::check)) {
        entry.table.checks.push_back({check->name, check->text,
                                      columns_mentioned(entry.table, check->text, Engine::sqlite)});
    }
}

std::string rule_of(const Value& rule)
{
    return rule == "NO ACTION" ? std::string() : rule.value_or("");
}

/// SQLite numbers the keys of a table from the last in its text to the first.
void name_foreign_keys(Entry& entry)
{
    const std::vector<const ConstraintSql*> texts =
        constraints_of(entry.parsed, Kind::references, Kind::foreign_key);
    std::vector<ForeignKey>& keys = entry.table.foreign_keys;
    if (texts.size() != keys.size()) {
        return;
    }
    for (std::size_t n = 0; n < keys.size(); ++n) {
        const ConstraintSql& text = *texts[texts.size() - 1 - n];
        keys[n].name = text.name;
        keys[n].definition = entry.sql.substr(text.begin, text.end - text.begin);
    }
}

void read_foreign_keys(Session& session, Entries& entries)
{
    const Rows rows = session.query(
        "SELECT m.name, f.id, f.seq, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete "
        "FROM main.sqlite_schema m JOIN pragma_foreign_key_list(m.name, 'main') f "
        "WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq");
    for (const Row& row : rows.rows) {
        Entry* entry = find(entries, row[0]);
        if (entry == nullptr) {
            continue;
        }
        const Entry* parent = find(entries, row[3]);
        std::vector<ForeignKey>& keys = entry->table.foreign_keys;
        if (row[2] == "0") {
            ForeignKey key;
            key.referenced.name = parent == nullptr ? *row[3] : parent->table.name.name;
            key.on_update = rule_of(row[6]);
            key.on_delete = rule_of(row[7]);
            keys.push_back(std::move(key));
        }
        // Without a column list the key refers to the primary key.
        const std::size_t n = keys.back().columns.size();
        const bool has_default = parent != nullptr && n < parent->table.primary_key.size();
        keys.back().columns.push_back(*row[4]);
        keys.back().referenced_columns.push_back(
            row[5].value_or(has_default ? parent->table.primary_key[n] : ""));
    }
}

void add_references(Entries& entries)
{
    for (auto& named : entries) {
        name_foreign_keys(named.second);
        for (const ForeignKey& key : named.second.table.foreign_keys) {
            if (Entry* parent = find(entries, key.referenced.name)) {
                ForeignKey back = key;
                back.referenced = named.second.table.name;
                std::swap(back.columns, back.referenced_columns);
                parent->table.referenced_by.push_back(std::move(back));
            }
        }
    }
}

Trigger trigger_of(const SchemaRow& row)
{
    Trigger trigger{.name = row.name, .timing = "BEFORE", .event = "", .body = row.sql};
    for (const Token& token : tokenize(row.sql, Engine::sqlite)) {
        if (token.is("AFTER") || token.is("INSTEAD")) {
            trigger.timing = token.is("AFTER") ? "AFTER" : "INSTEAD OF";
        }
        for (const char* event : {"INSERT", "UPDATE", "DELETE"}) {
            if (token.is(event)) {
                trigger.event = event;
                return trigger;
            }
        }
    }
    return trigger;
}

void add_triggers_and_views(Entries& entries, const std::vector<SchemaRow>& schema)
{
    for (const SchemaRow& row : schema) {
        Entry* entry = find(entries, row.table);
        if (row.type == "trigger" && entry != nullptr) {
            entry->table.triggers.push_back(trigger_of(row));
        }
        if (row.type != "view") {
            continue;
        }
        for (auto& named : entries) {
            Table& table = named.second.table;
            if (table.name.name != row.name && mentions(row.sql, table.name.name, Engine::sqlite)) {
                // A star names no column: then the list stays empty, which means all.
                const bool has_star = row.sql.find('*') != std::string::npos;
                table.views.push_back({{"", row.name},
                                       row.sql,
                                       has_star
                                           ? std::vector<std::string>{}
                                           : columns_mentioned(table, row.sql, Engine::sqlite)});
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
    const std::vector<SchemaRow> schema = read_schema(session);
    Entries entries = read_entries(session, schema);
    read_columns(session, entries);
    read_indexes(session, entries, schema);
    mark_rowid_aliases(session, entries);
    read_foreign_keys(session, entries);
    add_references(entries);
    add_triggers_and_views(entries, schema);
    read_statistics(session, entries, schema);
    Catalog catalog;
    catalog.folds_case = true;
    for (auto& named : entries) {
        add_checks(named.second);
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
