#pragma once
// The foreign keys of a table that gets a successor, and those of others to it. The successor has
// them too wherever it holds their columns, and from contract on others refer to it. The old table
// then loses those that could refuse what the new application does; where what a key does to rows
// fires no trigger, one that does something stays: both tables lose the row together.
// Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// A table with a foreign key to the one that is copied.
struct Referring {
    Table table;
    ForeignKey key;
    ForeignKey next; ///< to the successor, under a reserved name where the key has one
};

struct CopiedKeys {
    std::vector<ForeignKey> made;  ///< that the successor has from the beginning
    std::vector<ForeignKey> early; ///< that it gets before contract puts the old table aside
    std::vector<ForeignKey> late;  ///< and after that
    /// Those with a reserved name until purge, as they are then, and their own name.
    std::vector<std::pair<ForeignKey, std::string>> renamed;
    std::vector<ForeignKey> let_go; ///< of the old table once it is aside
    std::vector<Referring> referring;
    std::vector<std::string> notes;
};

/// A new column and the old one whose values it holds.
using Held = std::vector<std::pair<std::string, std::string>>;

/// `aside` is the site's table as it is when it was put aside. Throws Error{refused}.
[[nodiscard]] CopiedKeys copied_keys(const Site& site, const TableSync& sync, const Table& next,
                                     const Table& aside, const Held& held);

/// What they are beside the outline's own groups.
void add_keys(Outline& outline, const CopiedKeys& keys, const Site& site, const Table& next,
              const Table& aside);

} // namespace sluice
