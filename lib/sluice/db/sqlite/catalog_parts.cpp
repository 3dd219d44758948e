#include "sluice/db/sqlite/catalog_parts.h"

#include "sluice/db/catalog_reader.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/bare_names.h"
#include "sluice/db/sqlite/index_sql.h"
#include "sluice/db/sqlite/unique_edits.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <utility>

namespace sluice::sqlite {

namespace {

using Kind = ConstraintSql::Kind;

IndexPart part_of(const Table& table, const Row& row, const IndexSql& sql, std::size_t n)
{
    IndexPart part;
    part.column = row[5].value_or("");
    if (part.column.empty() && n < sql.parts.size()) {
        part.expression = with_bare_names(sql.parts[n]);
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

std::string rule_of(const Value& rule)
{
    return rule == "NO ACTION" ? std::string() : rule.value_or("");
}

/// MATCH and DEFERRABLE of a foreign key's text, which no pragma tells.
std::string options_in(const std::string& sql)
{
    std::string options;
    const std::vector<Token> tokens = tokenize(sql, Engine::sqlite);
    for (std::size_t n = 0; n < tokens.size(); ++n) {
        const bool is_option = tokens[n].is("MATCH") || tokens[n].is("INITIALLY");
        if (tokens[n].is("DEFERRABLE") && n > 0 && tokens[n - 1].is("NOT")) {
            return options; // as if nothing were said
        }
        if (tokens[n].is("DEFERRABLE") || (is_option && n + 1 < tokens.size())) {
            options += (options.empty() ? "" : " ") + upper_case(tokens[n].text) +
                       (is_option ? " " + upper_case(tokens[n + 1].text) : "");
        }
    }
    return options;
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
        keys[n].options = options_in(entry.sql.substr(text.begin, text.end - text.begin));
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

void add_view(Entries& entries, const SchemaRow& row)
{
    const MentionedNames names(row.sql, Engine::sqlite);
    // A star names no column: then the list stays empty, which means all.
    const bool has_star = row.sql.find('*') != std::string::npos;
    for (auto& named : entries) {
        Table& table = named.second.table;
        if (table.name.name != row.name && names.contains(table.name.name)) {
            table.views.push_back(
                {{"", row.name},
                 row.sql,
                 has_star ? std::vector<std::string>{} : names.columns_of(table)});
        }
    }
}

} // namespace

Entry* find(Entries& entries, const Value& name)
{
    const auto found = name ? entries.find(lower_case(*name)) : entries.end();
    return found == entries.end() ? nullptr : &found->second;
}

void read_indexes(Session& session, Entries& entries, const std::vector<SchemaRow>& schema,
                  const std::string& source)
{
    const std::map<std::string, std::string> texts = index_texts(schema);
    const Rows rows = session.query(
        "SELECT m.name, l.name, l.\"unique\", l.origin, l.partial, x.name, x.\"desc\", x.coll "
        "FROM " +
        source +
        " m JOIN pragma_index_list(m.name, 'main') l "
        "JOIN pragma_index_xinfo(l.name, 'main') x "
        "WHERE m.type = 'table' AND x.key = 1 ORDER BY m.name, l.name, x.seqno");
    for (const Row& row : rows.rows) {
        Entry* entry = find(entries, row[0]);
        if (entry == nullptr || row[3] == "pk") {
            continue;
        }
        const auto text = texts.find(*row[1]);
        const std::string definition = text == texts.end() ? std::string() : text->second;
        const IndexSql sql = read_index_sql(definition);
        std::vector<Index>& indexes = entry->table.indexes;
        if (indexes.empty() || indexes.back().name != *row[1]) {
            Index index;
            index.name = *row[1];
            index.unique = row[2] == "1";
            index.is_constraint = row[3] == "u";
            // The text of the definition is left out: renaming a column and back rewrites it, and
            // the parts and the predicate say all that it says.
            index.predicate = with_bare_names(sql.predicate);
            indexes.push_back(std::move(index));
        }
        std::vector<IndexPart>& parts = indexes.back().parts;
        parts.push_back(part_of(entry->table, row, sql, parts.size()));
    }
}

void add_checks(Entry& entry)
{
    for (const ConstraintSql* check : constraints_of(entry.parsed, Kind::check, Kind::check)) {
        entry.table.checks.push_back(
            {.name = check->name,
             .expression = with_bare_names(check->text),
             .columns = MentionedNames(check->text, Engine::sqlite).columns_of(entry.table)});
    }
}

void describe_constraints(Entry& entry)
{
    for (Index& index : entry.table.indexes) {
        std::vector<std::string> columns;
        for (const IndexPart& part : index.parts) {
            columns.push_back(part.column);
        }
        const auto found =
            index.is_constraint ? find_unique(entry.sql, columns) : std::optional<UniqueSql>();
        if (found) {
            index.known_as = found->name;
            index.options = found->conflict;
            index.definition = found->is_of_column ? "UNIQUE" : "UNIQUE (…)";
        }
    }
}

void read_foreign_keys(Session& session, Entries& entries, const std::string& source)
{
    const Rows rows = session.query(
        "SELECT m.name, f.id, f.seq, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete "
        "FROM " +
        source +
        " m JOIN pragma_foreign_key_list(m.name, 'main') f "
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

void add_triggers_and_views(Entries& entries, const std::vector<SchemaRow>& schema)
{
    for (const SchemaRow& row : schema) {
        Entry* entry = find(entries, row.table);
        if (row.type == "trigger" && entry != nullptr) {
            entry->table.triggers.push_back(trigger_of(row));
        }
        if (row.type == "view") {
            add_view(entries, row);
        }
    }
}

} // namespace sluice::sqlite
