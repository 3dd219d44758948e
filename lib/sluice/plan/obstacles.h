#pragma once
// What hangs on a column, so that the column cannot be put aside without it. Private to plan/.

#include "sluice/db/catalog.h"
#include "sluice/db/url.h"

#include <optional>
#include <string>

namespace sluice {

struct Obstacle {
    std::string what; ///< a clause: "it is part of the primary key"
    std::string way_out;
};

/// The first that there is.
[[nodiscard]] std::optional<Obstacle> obstacle(const Table& table, const Column& column,
                                               Engine engine);

} // namespace sluice
