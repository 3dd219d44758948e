#pragma once
// Edits of the text of a CREATE TABLE that are about a UNIQUE: they change what the table is made
// of, so that it has to be written anew with the text (rebuild.h). Pure text in, pure text out.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct UniqueSql {
    bool is_of_column = false; ///< it stands behind its column; else of the table
    std::string name;          ///< as in CONSTRAINT name; mostly empty
    std::string conflict;      ///< "ON CONFLICT IGNORE"; mostly empty
};

/// The UNIQUE over these columns, in this order; nullopt: none.
[[nodiscard]] std::optional<UniqueSql> find_unique(std::string_view create_table,
                                                   const std::vector<std::string>& columns);

/// The same text without it. Throws Error{internal} where there is none, Error{refused} where there
/// are two that are not alike.
[[nodiscard]] std::string without_unique(std::string_view create_table,
                                         const std::vector<std::string>& columns);
/// The same text with it over other columns.
[[nodiscard]] std::string with_unique_moved(std::string_view create_table,
                                            const std::vector<std::string>& from,
                                            const std::vector<std::string>& to);
/// The same text with this behind the column: "CONSTRAINT email_once UNIQUE".
[[nodiscard]] std::string with_column_unique(std::string_view create_table, std::string_view column,
                                             std::string_view unique);
/// The same text with this among the table's own constraints, "UNIQUE (a, b)": before the key or
/// UNIQUE over these columns, or after all others where there is none.
[[nodiscard]] std::string with_table_unique(std::string_view create_table, std::string_view unique,
                                            const std::vector<std::string>& before);

} // namespace sluice
