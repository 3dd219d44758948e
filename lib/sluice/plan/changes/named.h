#pragma once
// Indexes and constraints of a table by the names that a migration file gives. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <string>
#include <variant>

namespace sluice {

/// Throws Error{definition} where the table has an index or a constraint of this name, or where the
/// engine would not take the name.
void refuse_taken_name(const Site& site, const std::string& name);

/// A CHECK, a foreign key, or the index of a UNIQUE.
using NamedConstraint = std::variant<Check, ForeignKey, Index>;

/// Throws Error{definition} for a constraint that is not there, with the nearest name.
[[nodiscard]] NamedConstraint require_constraint(const Site& site, const std::string& name);

/// Throws Error{definition} for an index that is not there, with the nearest name.
[[nodiscard]] const Index& require_index(const Site& site, const std::string& name);

} // namespace sluice
