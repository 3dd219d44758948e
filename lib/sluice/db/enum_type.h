#pragma once
// An enumeration as it was found in the database: a plain value.

#include "sluice/db/table_name.h"

#include <string>
#include <vector>

namespace sluice {

/// PostgreSQL: a type with a name. On MySQL the type of a column says its values by itself.
struct EnumType {
    TableName name;
    std::string sql; ///< as the type of a column is written
    std::vector<std::string> values;
    std::string comment;
    std::vector<std::string> grants; ///< "USAGE TO PUBLIC"
    /// What else than columns of tables uses it: "function \"f\"", "domain \"d\"".
    std::vector<std::string> users;

    friend bool operator==(const EnumType&, const EnumType&) = default;
};

} // namespace sluice
