#pragma once
// A table as it was found in the database: plain values. Names are as stored, unquoted. Each list
// but the columns is sorted by name, so that the order of creation of indexes, constraints and
// triggers makes no difference.

#include "sluice/db/type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct TableName {
    std::string
        schema; ///< PostgreSQL: as found; MySQL and SQLite: empty for the connection's own database
    std::string name;

    friend auto operator<=>(const TableName&, const TableName&) = default;
    friend bool operator==(const TableName&, const TableName&) = default;
};

/// "users" or "billing.users"; a part in double quotes may hold dots. Throws Error{definition}.
[[nodiscard]] TableName parse_table_name(std::string_view text);
[[nodiscard]] std::string display(const TableName& table);

struct Column {
    std::string name;
    Type type;
    bool nullable = true;
    std::optional<std::string> default_sql; ///< an SQL expression, ready for SET DEFAULT
    bool is_identity = false; ///< PostgreSQL identity, MySQL AUTO_INCREMENT, SQLite rowid alias
    std::optional<std::string> generated; ///< the expression of a generated column
    std::string collation;                ///< empty: the type's or table's own default
    /// MySQL: of every text column. DDL names it together with a collation or not at all: alone it
    /// would bring its own collation instead of the table's.
    std::string charset;
    bool on_update_now = false; ///< MySQL ON UPDATE CURRENT_TIMESTAMP
    std::string comment;
    /// PostgreSQL: what ALTER COLUMN gives it besides: "SET STATISTICS 500", "SET STORAGE
    /// EXTERNAL".
    std::vector<std::string> settings;
    /// On this column alone: "SELECT TO \"reporter\"", "UPDATE TO PUBLIC WITH GRANT OPTION".
    std::vector<std::string> grants;

    friend bool operator==(const Column&, const Column&) = default;
};

struct IndexPart {
    std::string column;     ///< empty for an expression
    std::string expression; ///< as the engine prints it
    bool descending = false;
    std::string nulls;       ///< PostgreSQL: "FIRST", "LAST" where it is not the direction's own
    std::string collation;   ///< empty: the column's
    std::string opclass;     ///< PostgreSQL, where not the default
    std::int64_t prefix = 0; ///< MySQL: indexed prefix length; 0 means all

    friend bool operator==(const IndexPart&, const IndexPart&) = default;
};

/// An exclusion constraint is an Index with is_constraint and not unique; its definition begins
/// with EXCLUDE.
struct Index {
    std::string name;
    bool unique = false;
    bool is_constraint = false; ///< made by a UNIQUE (or exclusion) constraint of the same name
    bool valid = true;          ///< PostgreSQL: false after a failed concurrent build
    bool nulls_not_distinct = false;
    std::string method; ///< "btree" where the engine tells
    std::vector<IndexPart> parts;
    std::vector<std::string> included;
    std::string predicate;  ///< empty: a full index
    std::string options;    ///< PostgreSQL: "fillfactor=70"; MySQL: "IGNORED", "INVISIBLE"
    std::string deferrable; ///< a constraint's: "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"
    std::string comment;
    std::string definition; ///< the engine's own text, where it gives one

    friend bool operator==(const Index&, const Index&) = default;
};

struct Check {
    std::string name;
    std::string expression; ///< with its parentheses
    std::vector<std::string>
        columns;             ///< those it mentions (PostgreSQL: exact; others: found in the text)
    bool no_inherit = false; ///< PostgreSQL
    bool not_valid = false;  ///< PostgreSQL: older rows were never held against it

    friend bool operator==(const Check&, const Check&) = default;
};

struct ForeignKey {
    std::string name;
    std::vector<std::string> columns;
    TableName referenced;
    std::vector<std::string> referenced_columns;
    std::string on_update; ///< "CASCADE", "SET NULL", …; empty for NO ACTION
    std::string on_delete;
    std::vector<std::string> cleared; ///< PostgreSQL: what SET NULL clears, where not all columns
    std::string options;    ///< "MATCH FULL", "DEFERRABLE INITIALLY DEFERRED", both, or empty
    bool not_valid = false; ///< PostgreSQL: older rows were never held against it

    friend bool operator==(const ForeignKey&, const ForeignKey&) = default;
};

struct Trigger {
    std::string name;
    std::string timing; ///< "BEFORE", "AFTER", "INSTEAD OF"
    std::string event;  ///< "INSERT", "UPDATE", "DELETE"; several joined by " OR "
    std::string body;   ///< the statement; PostgreSQL: the definition and the function's source

    friend bool operator==(const Trigger&, const Trigger&) = default;
};

struct View {
    TableName name;
    std::string definition;
    std::vector<std::string> columns; ///< the table's columns it reads; empty: unknown, take all
    friend bool operator==(const View&, const View&) = default;
};

/// What else names columns of the table and cannot be moved to another one by its name alone.
struct Dependent {
    std::string kind; ///< "policy", "statistics", "publication", "rule"
    std::string name;
    std::vector<std::string> columns; ///< that it names; empty: unknown, or none
    std::string definition;           ///< as the engine prints it

    friend bool operator==(const Dependent&, const Dependent&) = default;
};

enum class TableKind { plain, partitioned, partition, temporary, foreign, virtual_table, view };

struct Table {
    TableName name;
    TableKind kind = TableKind::plain;
    std::vector<Column> columns;
    std::vector<std::string> primary_key; ///< in key order; empty: none
    std::vector<Index> indexes;           ///< without the primary key's own
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
    std::string storage;        ///< MySQL: "InnoDB", …
    std::string collation;      ///< MySQL: the table's default
    bool without_rowid = false; ///< SQLite
    bool strict = false;        ///< SQLite
    bool folds_case = false;    ///< MySQL, SQLite: names of columns are found whatever their case
    std::int64_t estimated_rows = 0; ///< from statistics; not part of comparisons

    [[nodiscard]] const Column*
    find(std::string_view column) const; ///< exact, then, where the engine folds, by case
};

/// Compares all but estimated_rows.
[[nodiscard]] bool same_schema(const Table& a, const Table& b);

/// One line a difference ("column \"username\" is missing", …); empty exactly where same_schema.
[[nodiscard]] std::vector<std::string> differences(const Table& expected, const Table& found);

/// A short stable digest of same_schema's content (hex).
[[nodiscard]] std::string fingerprint(const Table& table);

} // namespace sluice
