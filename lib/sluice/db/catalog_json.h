#pragma once
// A table's schema as JSON: evidence for the ledger and the recorded plan. Canonical: lists are
// sorted by name, keys too; what is empty, false or zero is left out, so that a release which adds
// a member does not change the text of what was there before. Statistics are not part of it.

#include "sluice/db/catalog.h"

#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] std::string to_json(const Table& table);

/// Members that this release does not know are passed over. Throws Error{internal} for what
/// to_json cannot have written.
[[nodiscard]] Table table_from_json(std::string_view json);

} // namespace sluice
