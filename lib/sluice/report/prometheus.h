#pragma once
// What is recorded, as Prometheus reads it (text format 0.0.4). Names and labels are kept from
// version to version, as fields of JSON are.

#include "sluice/state/snapshot.h"

#include <string>
#include <string_view>

namespace sluice {

/// Begins with `sluice_up 1`.
[[nodiscard]] std::string prometheus_text(const Snapshot& snapshot);
/// `sluice_up 0`, where the database cannot be read.
[[nodiscard]] std::string prometheus_down();

/// The value of a label between its quotes: backslash, quote and new line are escaped.
[[nodiscard]] std::string escaped_label(std::string_view value);

/// Seconds from one recorded time to another; 0 where they are in the wrong order or either is
/// none.
[[nodiscard]] double seconds_between(std::string_view from, std::string_view to);

} // namespace sluice
