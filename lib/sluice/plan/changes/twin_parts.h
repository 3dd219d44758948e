#pragma once
// What is done for any twin, whatever takes its place beside which other: each stage of its life
// but contract. Private to plan/.

#include "sluice/plan/changes/twin_shape.h"

#include <vector>

namespace sluice {

[[nodiscard]] Group twin_added(const Twin& twin, const TwinShape& shape, const Site& site);
[[nodiscard]] Action twin_filled(const Twin& twin, const TwinShape& shape, const Site& site);

/// In step: the new value is what the old one gives, or the old value is what the new one gives;
/// and a value that cannot be converted is found.
[[nodiscard]] Action twin_verified(const Twin& twin, const TwinShape& shape, const Site& site);

/// NOT NULL, where it is to be.
[[nodiscard]] std::vector<Alteration> twin_required(const Twin& twin, const TwinShape& shape);

/// With what contract kept of the old column.
[[nodiscard]] Group twin_dropped(const Twin& twin, const TwinShape& shape);

} // namespace sluice
