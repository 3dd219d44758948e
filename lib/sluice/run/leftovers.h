#pragma once
// What a statement that did not end well has left in its tables: an index that is not valid, that
// no query uses, and that every write has to keep up. Private to run/.

#include "sluice/core/error.h"
#include "sluice/run/workplace.h"

#include <string_view>
#include <vector>

namespace sluice {

/// The statements that sweep away what an earlier try of `sql` has left in these tables.
[[nodiscard]] std::vector<Step> leftovers(Session& session, std::string_view sql,
                                          const std::vector<TableName>& tables);

/// After `error` has ended a statement because the command was asked to stop: sweeps, and waits for
/// nobody any more. What cannot be swept away now is when the command is given again, and is told.
void sweep_what_it_left(Workplace& workplace, const Error& error,
                        const std::vector<TableName>& tables);

} // namespace sluice
