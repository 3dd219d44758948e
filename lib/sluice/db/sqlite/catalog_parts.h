#pragma once
// The parts of SQLite's catalog beyond the columns: indexes, constraints, triggers, views. Each
// function adds one kind to all tables. Private to db/.

#include "sluice/db/session.h"
#include "sluice/db/sqlite/schema_rows.h"
#include "sluice/db/sqlite/table_sql.h"
#include "sluice/db/table.h"

#include <map>
#include <string>
#include <vector>

namespace sluice::sqlite {

/// A table under construction, with its text.
struct Entry {
    Table table;
    std::string sql;
    TableSql parsed;
};

using Entries = std::map<std::string, Entry, std::less<>>; ///< by the name in lower case

/// nullptr for a table that is left out.
[[nodiscard]] Entry* find(Entries& entries, const Value& name);

/// After the columns. `source` is what to select tables from, as tables_of gives it.
void read_indexes(Session& session, Entries& entries, const std::vector<SchemaRow>& schema,
                  const std::string& source);
void add_checks(Entry& entry);
/// What the definition says of its UNIQUE constraints besides their columns.
void describe_constraints(Entry& entry);
/// After the primary keys of all tables.
void read_foreign_keys(Session& session, Entries& entries, const std::string& source);
void add_references(Entries& entries);
void add_triggers_and_views(Entries& entries, const std::vector<SchemaRow>& schema);

} // namespace sluice::sqlite
