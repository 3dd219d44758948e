#include "sluice/state/runs.h"

namespace sluice {
} // namespace sluice
