#pragma once
// What is changed together where a primary key becomes a wider integer: its column, the columns
// that refer to it by foreign keys, those that refer to these, and the foreign keys themselves.
// Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <vector>

namespace sluice {

struct WiderTable {
    const Table& table;
    std::vector<std::string> columns; ///< that become wider; none where they are wide already
    /// Those of the table that have such a column, here or in the table that they refer to.
    std::vector<ForeignKey> foreign_keys;
};

struct WiderKey {
    Type type;
    /// Who refers comes before whom it refers to, so that the table of the key comes last.
    std::vector<WiderTable> tables;

    [[nodiscard]] bool has(const TableName& table, const std::string& column) const;
};

/// Throws Error{definition} where the change does not fit the table, and Error{refused} where
/// tables refer to each other in a ring.
[[nodiscard]] WiderKey wider_key(const ChangePrimaryKeyChange& change, const Site& site);

/// Is any column of the primary key among those that become wider?
[[nodiscard]] bool has_wider_key(const WiderTable& table);

/// What a twin of the table's columns, or a key made of it, could not take along. Throws
/// Error{refused}.
void refuse_laden(const WiderTable& wider, const Site& site);

/// New columns beside the old ones, swapped in all tables at once.
[[nodiscard]] Outline by_twins(const WiderKey& key, const Site& site);

} // namespace sluice
