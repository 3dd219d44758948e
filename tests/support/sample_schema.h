#pragma once
// The schema of sample_catalog.h made on a real server, with some rows that every sample plan can
// be carried out on.

#include "sluice/db/url.h"

#include <string>

namespace sluice::test {

/// A script.
[[nodiscard]] std::string sample_schema(Engine engine);

} // namespace sluice::test
