#pragma once
// What the triggers of a sync are made of, the same for all engines: which columns an expression
// reads, the two rows a trigger sees, and the tests between them. Private to db/.

#include "sluice/db/dialect.h"
#include "sluice/db/sync.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The column of the sync's row by name. Throws Error{internal} where the row has none.
[[nodiscard]] const Column& row_column(const Sync& sync, std::string_view name);

/// The columns that a conversion reads; by mention, so rather one too many.
[[nodiscard]] std::vector<Column> columns_read(const Sync& sync, const Conversion& conversion,
                                               Engine engine);

/// A column by the name that an expression has for it, and its value at the place.
struct GivenColumn {
    Column column;
    std::string value;
};

/// A value inside a trigger: SQL over NEW and OLD, and whether computing it can raise an error.
struct Computed {
    std::string sql;
    bool is_plain = false; ///< just another column of the row: cheap enough to be repeated
    bool is_total = false;
    /// The same as an expression over columns that are given to it; empty where it reads none.
    std::string expression = {};
    std::vector<GivenColumn> given = {};
};

/// The columns of a row that a conversion reads; by mention.
[[nodiscard]] std::vector<Column> columns_read(const std::vector<Column>& row,
                                               const Conversion& conversion, Engine engine);

/// The conversion over a row of these columns, as the value of the target; `at` says how SQL at
/// that place calls a column.
using ColumnAt = std::function<std::string(const std::string& column)>;
[[nodiscard]] Computed computed_over(const Dialect& dialect, const std::vector<Column>& row,
                                     const Conversion& conversion, const Column& target,
                                     const ColumnAt& at);

/// The names that a trigger's SQL is written with.
class SyncSql {
public:
    SyncSql(const Dialect& dialect, const Sync& sync) : dialect_(dialect), sync_(sync) {}

    [[nodiscard]] std::string column(std::string_view row, std::string_view name) const;
    /// The value of a new column over the row NEW or OLD, without that row having to exist in the
    /// table; and of an old one.
    [[nodiscard]] Computed up(const SyncedColumn& column, std::string_view row) const;
    [[nodiscard]] Computed down(const SyncedColumn& column, std::string_view row) const;

    /// Boolean SQL: do NEW and OLD differ there?
    [[nodiscard]] std::string changed(const Column& column) const;
    [[nodiscard]] std::string old_changed() const;
    [[nodiscard]] std::string new_changed() const;
    [[nodiscard]] std::string key_changed() const;     ///< empty: there is no key
    [[nodiscard]] std::string sources_changed() const; ///< a column that an up reads; empty: none

    /// Boolean SQL: has the row nothing in any of these columns? `row` is NEW or OLD, or
    /// empty where the row itself is at hand.
    [[nodiscard]] std::string all_null(const std::vector<SyncedColumn>& columns,
                                       std::string_view row) const;

private:
    [[nodiscard]] std::vector<std::string> changes(const std::vector<Column>& columns) const;
    [[nodiscard]] Computed computed(const SyncedColumn& column, std::string_view row,
                                    std::string_view alias) const;

    const Dialect& dialect_;
    const Sync& sync_;
};

/// The row's definitions of these columns.
[[nodiscard]] std::vector<Column> row_columns(const Sync& sync,
                                              const std::vector<SyncedColumn>& columns);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<SyncedColumn>& columns);

/// "a AND b", "a OR b"; empty for none. Conditions that are empty are left out.
[[nodiscard]] std::string joined(const std::vector<std::string>& parts, const char* separator);
/// The same, in parentheses where there are several.
[[nodiscard]] std::string grouped(const std::vector<std::string>& parts, const char* separator);

} // namespace sluice
