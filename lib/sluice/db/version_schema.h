#pragma once
// A version of a schema as one application sees it: a schema of views, one for each table, that are
// read and written as the tables are. The tables stand behind several such versions at once, each
// with the names that its application knows. Plain values.

#include "sluice/db/table_name.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct ShownColumn {
    std::string name;
    std::string held_by; ///< the column of the table
    /// What an INSERT that leaves it out gives it, where that is not what the table's column has.
    std::optional<std::string> default_sql;
    std::vector<std::string> grants; ///< MySQL, as Column::grants

    friend bool operator==(const ShownColumn&, const ShownColumn&) = default;
};

struct ShownTable {
    std::string name;
    TableName table;
    std::vector<ShownColumn> columns;
    std::vector<std::string> hidden; ///< columns of the table that are older versions' alone
    std::vector<std::string> grants; ///< MySQL, as Column::grants

    friend bool operator==(const ShownTable&, const ShownTable&) = default;
};

struct VersionSchema {
    std::string name;    ///< by which a client chooses it
    std::string version; ///< of the migration that made it
    std::string of;      ///< the schema of the tables
    std::vector<ShownTable> tables;
    std::vector<std::string> hidden; ///< tables that are older versions' alone
    std::vector<std::string> grants; ///< MySQL, as Column::grants: on all of it

    friend bool operator==(const VersionSchema&, const VersionSchema&) = default;
};

/// Somebody's right on a schema, or on one of its tables.
struct Right {
    std::string table; ///< empty: on all of the schema
    std::string grant; ///< as Column::grants

    friend bool operator==(const Right&, const Right&) = default;
};

} // namespace sluice
