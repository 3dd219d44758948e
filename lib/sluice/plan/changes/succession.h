#pragma once
// How a key becomes wider where no column beside it can stand in for it: the table, and each one
// that refers to the key, gets a successor, which is that table in everything but the type. Both
// versions of the application write the old tables, and triggers carry it to the successors, until
// contract gives these the names, all at once; then the old tables are filled until purge.
// Private to plan/.

#include "sluice/plan/changes/wider_key.h"

#include <vector>

namespace sluice {

/// `column` is the site's table's own. Throws Error{refused} for what would not survive.
[[nodiscard]] Outline by_successors(const WiderKey& key, const Column& column, const Site& site);

/// The tables and their names, beside the rows that the outline is about.
[[nodiscard]] std::vector<Action> successor_actions(const WiderKey& key, const Column& column,
                                                    const Site& site);

} // namespace sluice
