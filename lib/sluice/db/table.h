#pragma once
// A table as it was found in the database: plain values. Names are as stored, unquoted. Each list
// but the columns is sorted by name, so that the order of creation of indexes, constraints and
// triggers makes no difference.

#include "sluice/db/table_parts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class TableKind { plain, partitioned, partition, temporary, foreign, virtual_table, view };

struct Table {
    TableName name;
    TableKind kind = TableKind::plain;
    std::vector<Column> columns;
    std::vector<std::string> primary_key; ///< in key order; empty: none
    Index key_index;                      ///< PostgreSQL: the primary key's own; else nameless
    std::vector<Index> indexes;           ///< all others
    std::vector<Check> checks;
    std::vector<ForeignKey> foreign_keys;
    std::vector<ForeignKey>
        referenced_by; ///< `referenced` is then the referring table, `columns` are ours
    std::vector<Trigger> triggers;
    std::vector<View> views; ///< that read this table
    std::vector<Dependent> dependents;
    /// What ALTER TABLE gives it besides: "ENABLE ROW LEVEL SECURITY", "REPLICA IDENTITY FULL".
    std::vector<std::string> settings;
    std::vector<std::string> grants; ///< on the whole table
    std::string comment;
    std::string partition_key; ///< of a partitioned table, as the engine writes it
    /// PostgreSQL: of a partitioned table, those that hold rows, at any depth. They come and go
    /// while it is used; not part of comparisons.
    std::vector<TableName> partitions;
    std::string storage;        ///< MySQL: "InnoDB", …
    std::string collation;      ///< MySQL: the table's default
    bool without_rowid = false; ///< SQLite
    bool strict = false;        ///< SQLite
    bool folds_case = false;    ///< MySQL, SQLite: names of columns are found whatever their case
    std::int64_t estimated_rows = 0; ///< from statistics; not part of comparisons

    [[nodiscard]] const Column*
    find(std::string_view column) const; ///< exact, then, where the engine folds, by case
};

/// Compares all but estimated_rows and partitions.
[[nodiscard]] bool same_schema(const Table& a, const Table& b);

/// One line a difference ("column \"username\" is missing", …); empty exactly where same_schema.
[[nodiscard]] std::vector<std::string> differences(const Table& expected, const Table& found);

/// A short stable digest of same_schema's content (hex).
[[nodiscard]] std::string fingerprint(const Table& table);

} // namespace sluice
