#pragma once
// What a table is called.

#include <string>
#include <string_view>

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

} // namespace sluice
