#pragma once
// What a table is made of, as it was found in the database: plain values. Names are as stored,
// unquoted.

#include "sluice/db/table_name.h"
#include "sluice/db/type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// PostgreSQL: a sequence that belongs to a column, or that its default asks.
struct Sequence {
    TableName name;
    std::string type;      ///< "integer"
    bool is_owned = false; ///< it goes where the column goes
    std::string identity;  ///< "ALWAYS", "BY DEFAULT"; empty: the column has a default instead
    std::string options;   ///< "START WITH 1 INCREMENT BY 1 CACHE 1"

    friend bool operator==(const Sequence&, const Sequence&) = default;
};

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
    std::vector<Sequence> sequences;

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
    std::string predicate; ///< empty: a full index
    /// PostgreSQL: "fillfactor=70"; MySQL: "IGNORED", "INVISIBLE"; SQLite, of a constraint: "ON
    /// CONFLICT REPLACE".
    std::string options;
    std::string deferrable; ///< a constraint's: "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"
    std::string comment;
    std::string definition; ///< the engine's own text, where it gives one
    std::string known_as;   ///< SQLite: a constraint's name, which its index does not have

    friend bool operator==(const Index&, const Index&) = default;
};

struct Check {
    std::string name;
    std::string expression; ///< with its parentheses
    std::vector<std::string>
        columns;             ///< those it mentions (PostgreSQL: exact; others: found in the text)
    bool no_inherit = false; ///< PostgreSQL
    bool not_valid = false;  ///< PostgreSQL: older rows were never held against it
    std::string comment;

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
    std::string comment;

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
    std::string kind; ///< "policy", "statistics", "publication", "rule", "subscription"
    std::string name;
    std::vector<std::string> columns; ///< that it names; empty: unknown, or none
    std::string definition;           ///< as the engine prints it

    friend bool operator==(const Dependent&, const Dependent&) = default;
};

} // namespace sluice
