#pragma once
// The tables of a succession: which they are, in the order in which their rows can be made, and
// what each successor looks like. Private to plan/.

#include "sluice/plan/changes/outline.h"
#include "sluice/plan/changes/wider_key.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// A table that stays, with a foreign key to one of those that do not.
struct Outsider {
    Table table;
    ForeignKey key;
    ForeignKey next; ///< to the successor, under a reserved name
};

struct Heir {
    Table old;
    Table next; ///< with the foreign keys that it has from the beginning
    TableName kept;
    std::vector<Column> key; ///< of `old`
    std::vector<std::string> retyped;
    std::vector<std::string> indexes_of_keys;
    /// To the table itself: while rows are copied, one may be missing that another refers to.
    std::vector<ForeignKey> late;
    /// Foreign keys that have a reserved name until purge, as they are then, and their own name.
    std::vector<std::pair<ForeignKey, std::string>> renamed;
    std::vector<Outsider> outsiders; ///< that refer to it
};

/// Each after those that it refers to. Throws Error{refused}.
[[nodiscard]] std::vector<Heir> heirs_of(const WiderKey& key, const Site& site);

} // namespace sluice
