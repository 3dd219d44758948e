#include "sluice/plan/planner.h"

namespace sluice {
} // namespace sluice
