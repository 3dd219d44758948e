#pragma once
// Versions of sluice, digits that compare as numbers, for migrations in the order of their tool.
// Private to migration/import/.

#include "sluice/migration/import/foreign.h"

#include <string>
#include <vector>

namespace sluice {

/// One for each, ascending. Those of the tool are kept where they are digits and give the same
/// order; parts of a number get as many digits as the longest needs (1.10 -> 110, 1.2 -> 102).
/// Else, said in a warning, they are numbered by their place. Two with one number are a problem.
[[nodiscard]] std::vector<std::string> number_migrations(ForeignFolder& folder);

} // namespace sluice
