#pragma once
// What a version's schema says of itself in the database: whose version it is, and what it hides.
// What it shows, its views say. Private to db/.

#include "sluice/db/url.h"
#include "sluice/db/version_schema.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// With what every record begins.
constexpr std::string_view version_record_mark = "sluice version ";

[[nodiscard]] std::string version_record(const VersionSchema& version);

/// The version without what its views say: of tables only the names and hidden columns of those
/// that hide some. nullopt: it is no record.
[[nodiscard]] std::optional<VersionSchema> read_version_record(std::string_view name,
                                                               std::string_view record);

/// Of a view as the server prints it: SELECT columns FROM table. Anything else in the list is left
/// out.
[[nodiscard]] std::vector<ShownColumn> shown_columns(std::string_view definition, Engine engine);
/// The table's name, without its schema.
[[nodiscard]] std::string shown_table(std::string_view definition, Engine engine);

/// Puts a view among the version's tables.
void add_shown(VersionSchema& version, const std::string& view, const TableName& table,
               const std::vector<ShownColumn>& columns);

/// Once all views were put there: everything in its order.
void finish_versions(std::vector<VersionSchema>& versions);

} // namespace sluice
