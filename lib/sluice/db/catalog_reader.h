#pragma once
// What the engines' catalog readers implement and share. Private to db/.

#include "sluice/db/catalog.h"
#include "sluice/db/session.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// `tables` empty: all of them.
[[nodiscard]] Catalog read_postgresql_catalog(Session& session,
                                              const std::vector<TableName>& tables);
[[nodiscard]] Catalog read_mysql_catalog(Session& session, const std::vector<TableName>& tables);
[[nodiscard]] Catalog read_sqlite_catalog(Session& session, const std::vector<TableName>& tables);

/// The order of names in a catalog does not depend on the server's.
void sort_by_name(Table& table);

/// The names that a piece of SQL mentions, to be asked many times whether they hold one.
class MentionedNames {
public:
    MentionedNames(std::string_view sql, Engine engine);

    /// Whatever the case.
    [[nodiscard]] bool contains(std::string_view name) const;
    /// In the table's order.
    [[nodiscard]] std::vector<std::string> columns_of(const Table& table) const;

private:
    std::set<std::string, std::less<>> names_; ///< in lower case
};

[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b);

/// Is it one of sluice's own, where these stand among the user's? What it keeps of the user's is
/// none.
[[nodiscard]] bool is_own_table(std::string_view name);

/// The number in a value; 0 for NULL and what is none.
[[nodiscard]] std::int64_t number_in(const Value& value);

} // namespace sluice
